using Microsoft.Extensions.Options;
using Sutra.Api.Clients;
using Sutra.Api.Errors;
using Sutra.Api.Identity;
using Sutra.Contracts.Embedding.V1;

namespace Sutra.Api.Embeddings;

/// <summary>The embedder, over gRPC. It keeps what it embedded, so nothing is kept here.</summary>
internal sealed partial class EmbedderClient(Embedder.EmbedderClient client, IOptions<EmbeddingOptions> options, TimeProvider time) : IDisposable
{
    /// <summary>A question's vector, by the default model.</summary>
    /// <exception cref="ApiProblem">400: there is no vector of this text.</exception>
    /// <exception cref="ComponentException">The embedder is away, or refused.</exception>
    public Task<Embedded> EmbedAsync(string text, Caller caller, CancellationToken cancellation) =>
        EmbedAsync(text, model: null, InputType.Query, "query", caller, cancellation);

    /// <inheritdoc cref="EmbedAsync(string, string, int, InputType, string, Caller, CancellationToken)"/>
    public Task<Embedded> EmbedAsync(
        string text, string? model, InputType purpose, string field, Caller caller, CancellationToken cancellation) =>
        EmbedAsync(text, model, dimensions: 0, purpose, field, caller, cancellation);

    /// <summary>One text's vector, soon.</summary>
    /// <param name="model">Null: the default one.</param>
    /// <param name="dimensions">0: all that the model gives.</param>
    /// <param name="purpose">Models that were trained with prefixes put the one for it before the text.</param>
    /// <param name="field">Where the text stands in the request, for the problem that says what is wrong with it.</param>
    /// <exception cref="ApiProblem">400: there is no vector of this text.</exception>
    /// <exception cref="ComponentException">The embedder is away, or refused.</exception>
    public async Task<Embedded> EmbedAsync(
        string text, string? model, int dimensions, InputType purpose, string field, Caller caller, CancellationToken cancellation)
    {
        var request = new EmbedRequest
        {
            Texts = { text },
            Model = model ?? "",
            Options = new EmbedOptions { InputType = purpose, Priority = Priority.Interactive, Dimensions = dimensions },
            PerItemErrors = true,
        };
        var response = await Call(caller, options.Value.Deadline).InvokeAsync(call => client.EmbedAsync(request, call), cancellation);
        var embedding = response.Embeddings[0];
        return Fault(embedding.Error) switch
        {
            null => new Embedded([.. embedding.Values], response.Model, embedding.Truncated),
            { Retryable: true } => throw ApiProblem.Unavailable(Components.Embedder, "The embedder could not embed the text now."),
            var fault => throw ApiProblem.Invalid(field, fault.Message),
        };
    }

    public async Task<ServedModel> GetModelAsync(Caller caller, TimeSpan limit, CancellationToken cancellation)
    {
        var info = await Call(caller, limit).InvokeAsync(call => client.GetInfoAsync(new GetInfoRequest(), call), cancellation);
        return new ServedModel(info.Model, info.Dimensions, info.Cache);
    }

    /// <summary>Where the model's tokens are in each text; what the model's template adds is left out.</summary>
    /// <param name="model">Null: the default one.</param>
    /// <exception cref="ComponentException">The embedder is away, or refused.</exception>
    public async Task<IReadOnlyList<TokenSpan[]>> TokenizeAsync(
        IReadOnlyList<string> texts, string? model, Caller caller, CancellationToken cancellation)
    {
        var request = new TokenizeRequest { Model = model ?? "", NoSpecialTokens = true };
        request.Texts.AddRange(texts);
        var response = await Call(caller, options.Value.BatchDeadline).InvokeAsync(call => client.TokenizeAsync(request, call), cancellation);
        return [.. response.Texts.Select(list => list.Tokens.Select(token => new TokenSpan(token.Start, token.Stop)).ToArray())];
    }

    private static EmbeddingFault? Fault(TextError? error) => error?.Code switch
    {
        null => null,
        "timed_out" or "model_failed" => new EmbeddingFault(error.Code, error.Message, Retryable: true),
        _ => new EmbeddingFault(error.Code, error.Message, Retryable: false),
    };

    private UnaryCall Call(Caller caller, TimeSpan limit) => new(Components.Embedder, caller, limit, time);
}
