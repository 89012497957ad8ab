using System.Diagnostics;
using System.Text.RegularExpressions;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Telemetry;
using Sutra.Embedder.Tokenization;

namespace Sutra.Embedder.Pipeline;

/// <summary>What one call needs of its model: tokenization and inference of the texts that no cache had.</summary>
internal sealed class ModelWork
{
    // Of subword vocabularies in European languages; it need not be more exact than what it decides.
    private const int CharactersPerToken = 4;

    private readonly LoadedModel _model;
    private readonly EmbeddingEngine _engine;
    private readonly EmbeddingCall _call;
    private readonly OutputKind _output;
    private readonly Lane _lane;
    private readonly TimeProvider _time;
    private readonly string _prefix;

    /// <exception cref="CallException">A token id or a prompt is not one of the model's.</exception>
    public ModelWork(LoadedModel model, EmbeddingEngine engine, EmbeddingCall call, OutputKind output, Lane lane, TimeProvider time)
    {
        _model = model;
        _engine = engine;
        _call = call;
        _output = output;
        _lane = lane;
        _time = time;
        _prefix = call.Texts is null ? NoPrefix(call) : Prefixes.For(model.Folder, call);
        CheckTokens();
    }

    /// <summary>Everything but the text that decides its vector.</summary>
    public string Space => $"{_model.Identity.Id}\n{_call.TruncationSide}\n{(_call.Truncate ? "cut" : "whole")}\n{_prefix}";

    /// <summary>By what runs of this model cost lately.</summary>
    public WorkHints Hints
    {
        get
        {
            var secondsPerToken = _model.SecondsPerToken;
            if (secondsPerToken == 0)
            {
                return new WorkHints(TimeSpan.Zero, _lane == Lane.Bulk);
            }

            // Zero means that nothing is known.
            var cost = TimeSpan.FromSeconds(ExpectedSeconds(_model, _call, _prefix.Length) / _call.Count);
            return new WorkHints(cost == TimeSpan.Zero ? new TimeSpan(1) : cost, _lane == Lane.Bulk);
        }
    }

    public EmbeddingTimings Timings { get; private set; }

    /// <summary>Most tokens of all texts together; default: any number.</summary>
    public int MaxTokens { get; init; } = int.MaxValue;

    /// <summary>What all texts would take one worker, by what runs of the model cost lately; 0: nothing is known.</summary>
    public static double ExpectedSeconds(LoadedModel model, EmbeddingCall call, int prefixLength = 0)
    {
        var tokens = 0L;
        for (var i = 0; i < call.Count; i++)
        {
            var expected = call.Texts is { } texts ? ((prefixLength + texts[i].Length) / CharactersPerToken) + 1 : call.Tokens![i].Length;
            tokens += Math.Min(model.MaxTokens, expected);
        }

        return model.SecondsPerToken * tokens;
    }

    /// <summary>Tokenizes and runs the texts at <paramref name="places"/>; null: all.</summary>
    public async Task<TextEmbedding[]> MakeAsync(IReadOnlyList<int>? places, CancellationToken cancellation)
    {
        var count = places?.Count ?? _call.Count;
        var embeddings = new TextEmbedding[count];
        var (request, positions) = Tokenize(places, embeddings, cancellation);
        if (request is null)
        {
            return embeddings;
        }

        using var activity = EmbedderTracing.Source.StartActivity(EmbedderTracing.Inference);
        var began = _time.GetTimestamp();
        var ran = await RunAsync(request, activity, cancellation);
        var takenAt = request.FirstTakenAt == 0 ? _time.GetTimestamp() : request.FirstTakenAt;
        var elapsed = _time.GetElapsedTime(began);
        var queued = _time.GetElapsedTime(began, Math.Max(began, takenAt));
        Timings = Timings with { Queue = queued, Inference = elapsed - queued };
        Tag(activity, ran, elapsed, queued);
        for (var i = 0; i < ran.Length; i++)
        {
            embeddings[positions[i]] = ran[i];
        }

        return embeddings;
    }

    private async Task<TextEmbedding[]> RunAsync(EmbeddingRequest request, Activity? activity, CancellationToken cancellation)
    {
        try
        {
            return await _engine.RunAsync(request, _call.IsPatient, cancellation);
        }
        catch (Exception e)
        {
            activity.Fail(e);
            throw;
        }
    }

    private void Tag(Activity? activity, TextEmbedding[] ran, TimeSpan elapsed, TimeSpan queued)
    {
        if (activity is not { IsAllDataRequested: true })
        {
            return;
        }

        activity.SetTag("model", _model.Name);
        activity.SetTag("provider", _model.Provider);
        activity.SetTag("batch_size", ran.Length);
        activity.SetTag("token_count", ran.Sum(item => (long)item.TokenCount));
        activity.SetTag("queue_ms", queued.TotalMilliseconds);
        activity.SetTag("duration_ms", elapsed.TotalMilliseconds);
        activity.SetTag("throughput", ran.Length / Math.Max(elapsed.TotalSeconds, 1e-9));
    }

    private (EmbeddingRequest? Request, int[] Positions) Tokenize(IReadOnlyList<int>? places, TextEmbedding[] embeddings, CancellationToken cancellation)
    {
        using var activity = EmbedderTracing.Source.StartActivity(EmbedderTracing.Tokenization);
        var began = _time.GetTimestamp();
        var tokens = new TokenBuffer();
        try
        {
            var ranges = new TokenRange[embeddings.Length];
            var positions = new int[embeddings.Length];
            var whole = 0;
            for (var i = 0; i < embeddings.Length; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                var (range, failure) = Encode(places is null ? i : places[i], tokens);
                if (failure == TextFailure.None)
                {
                    ranges[whole] = range;
                    positions[whole++] = i;
                }
                else
                {
                    embeddings[i] = TextEmbedding.Failed(failure, range.Length);
                }
            }

            Timings = Timings with { Tokenization = _time.GetElapsedTime(began) };
            activity?.SetTag("token_count", tokens.Count);
            activity?.SetTag("duration_ms", Timings.Tokenization.TotalMilliseconds);
            if (tokens.Count > MaxTokens)
            {
                throw new CallException("input", $"input has {tokens.Count} tokens; vectors of at most {MaxTokens} tokens are given in one call of this model.");
            }

            if (whole > 0)
            {
                return (new EmbeddingRequest(_model, tokens, ranges.AsSpan(0, whole), _lane, _output), positions);
            }

            tokens.Dispose();
            return (null, positions);
        }
        catch
        {
            tokens.Dispose();
            throw;
        }
    }

    private (TokenRange Range, TextFailure Failure) Encode(int place, TokenBuffer tokens)
    {
        TokenRange range;
        var start = tokens.Count;
        try
        {
            range = _call.Texts is { } texts ? EncodeText(texts[place], tokens) : _model.Tokenizer.Encode(_call.Tokens![place], _model.MaxTokens, tokens, _call.TruncationSide);
        }
        catch (RegexMatchTimeoutException)
        {
            tokens.CutTo(start);
            return (default, TextFailure.Untokenizable);
        }

        if (range.Truncated && !_call.Truncate)
        {
            tokens.CutTo(range.Start);
            return (range, TextFailure.TooLong);
        }

        return range.Length > 0 ? (range, TextFailure.None) : (range, _call.Texts?[place].Length == 0 ? TextFailure.Empty : TextFailure.NothingKnown);
    }

    private TokenRange EncodeText(string text, TokenBuffer tokens)
    {
        if (text.Length == 0)
        {
            return default;
        }

        return _model.Tokenizer.Encode(_prefix.Length == 0 ? text : _prefix + text, _model.MaxTokens, tokens, _call.TruncationSide);
    }

    // Token ids stand for a text that had its prefix, or was to have none.
    private static string NoPrefix(EmbeddingCall call) => call switch
    {
        { PromptName: not null } => throw new CallException("prompt_name", "prompt_name goes with texts only: token ids are taken as they are."),
        { InputType: not InputType.None } => throw new CallException("input_type", "input_type goes with texts only: token ids are taken as they are."),
        _ => "",
    };

    private void CheckTokens()
    {
        var limit = _model.Tokenizer.VocabularySize;
        for (var i = 0; i < (_call.Tokens?.Count ?? 0); i++)
        {
            var ids = _call.Tokens![i];
            for (var t = 0; t < ids.Length; t++)
            {
                // Ids of another tokenizer (tiktoken's go up to 200,000) would give a vector without meaning.
                if (ids[t] < 0 || ids[t] >= limit)
                {
                    throw new CallException(
                        "input",
                        $"input[{i}][{t}] is not a token id of this model, whose ids are below {limit}; send text instead (with LangChain: check_embedding_ctx_length=False).");
                }
            }
        }
    }
}
