using System.Globalization;
using System.Text;
using Grpc.Core;
using Sutra.Api.Clients;
using Sutra.Api.Identity;
using Sutra.Contracts.Embedding.V1;

namespace Sutra.Api.Embeddings;

/// <summary>Many texts: calls bounded by count and bytes, several under way at once, and one text's failure its own.</summary>
internal sealed partial class EmbedderClient
{
    // The embedder's trailer of RESOURCE_EXHAUSTED.
    private const string RetryAfterTrailer = "retry-after-ms";

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _batchCalls = new(options.Value.BatchCalls);

    /// <summary>The texts' vectors, in their order, at the priority of bulk work.</summary>
    /// <param name="model">Null: the default one.</param>
    /// <param name="dimensions">0: all that the model gives.</param>
    /// <exception cref="ComponentException">Not one call came to anything; where some did, the texts of the others have a retryable fault.</exception>
    public async Task<EmbeddedText[]> EmbedManyAsync(IReadOnlyList<string> texts, string? model, int dimensions, Caller caller, CancellationToken cancellation)
    {
        var results = new EmbeddedText[texts.Count];
        var calls = Split(texts).Select(range => EmbedRangeAsync(texts, range, model, dimensions, results, caller, cancellation)).ToList();
        var failures = await Task.WhenAll(calls);
        return failures.Length > 0 && Array.TrueForAll(failures, failure => failure is not null)
            ? throw failures[0]!
            : results;
    }

    /// <inheritdoc cref="EmbedManyAsync(IReadOnlyList{string}, string, int, Caller, CancellationToken)"/>
    public Task<EmbeddedText[]> EmbedManyAsync(IReadOnlyList<string> texts, string? model, Caller caller, CancellationToken cancellation) =>
        EmbedManyAsync(texts, model, dimensions: 0, caller, cancellation);

    public void Dispose() => _batchCalls.Dispose();

    private IEnumerable<Range> Split(IReadOnlyList<string> texts)
    {
        var (from, bytes) = (0, 0);
        for (var i = 0; i < texts.Count; i++)
        {
            var size = Encoding.UTF8.GetByteCount(texts[i]);
            if (i > from && (i - from >= options.Value.BatchTexts || bytes + size > options.Value.BatchBytes))
            {
                yield return from..i;
                (from, bytes) = (i, 0);
            }

            bytes += size;
        }

        if (from < texts.Count)
        {
            yield return from..texts.Count;
        }
    }

    /// <returns>Why the whole call failed, if it did.</returns>
    private async Task<ComponentException?> EmbedRangeAsync(
        IReadOnlyList<string> texts, Range range, string? model, int dimensions, EmbeddedText[] results, Caller caller, CancellationToken cancellation)
    {
        var (start, count) = range.GetOffsetAndLength(texts.Count);
        await _batchCalls.WaitAsync(cancellation);
        try
        {
            var request = new EmbedRequest
            {
                Model = model ?? "",
                Options = new EmbedOptions { InputType = InputType.Document, Priority = Priority.Bulk, Dimensions = dimensions },
                PerItemErrors = true,
            };
            request.Texts.Capacity = count;
            for (var i = 0; i < count; i++)
            {
                request.Texts.Add(texts[start + i]);
            }

            var response = await InvokePatientlyAsync(request, caller, cancellation);
            for (var i = 0; i < count; i++)
            {
                var embedding = response.Embeddings[i];
                results[start + i] = Fault(embedding.Error) is { } fault
                    ? new EmbeddedText(null, "", Truncated: false, fault)
                    : new EmbeddedText(embedding.Values, response.Model, embedding.Truncated, null);
            }

            return null;
        }
        catch (ComponentException e)
        {
            var problem = e.ToProblem();
            var fault = new EmbeddingFault(problem.Code, problem.Message, problem.Status >= StatusCodes.Status500InternalServerError);
            results.AsSpan(start, count).Fill(new EmbeddedText(null, "", Truncated: false, fault));
            return e;
        }
        finally
        {
            _batchCalls.Release();
        }
    }

    /// <summary>Bulk work waits when the embedder has no room, for as long as it says.</summary>
    private async Task<EmbedResponse> InvokePatientlyAsync(EmbedRequest request, Caller caller, CancellationToken cancellation)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await Call(caller, options.Value.BatchDeadline).InvokeAsync(call => client.EmbedAsync(request, call), cancellation);
            }
            catch (ComponentException e) when (e.StatusCode == StatusCode.ResourceExhausted && attempt < options.Value.BatchRetries)
            {
                await Task.Delay(Pause(e, attempt), time, cancellation);
            }
        }
    }

    private static TimeSpan Pause(ComponentException exhausted, int attempt)
    {
        var said = (exhausted.InnerException as RpcException)?.Trailers.GetValue(RetryAfterTrailer);
        var pause = int.TryParse(said, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            ? TimeSpan.FromMilliseconds(milliseconds)
            : FirstRetry * (1 << attempt);
        return pause < LongestRetry ? pause : LongestRetry;
    }
}
