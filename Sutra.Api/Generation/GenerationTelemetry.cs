using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
using Sutra.Api.Telemetry;

namespace Sutra.Api.Generation;

/// <summary>How the language model is called, by OpenTelemetry's conventions for generative AI, and what becomes of what it writes. Nothing here carries text.</summary>
internal sealed class GenerationTelemetry
{
    private const string Operation = "chat";

    private readonly Histogram<double> _duration;
    private readonly Histogram<long> _tokens;
    private readonly Counter<long> _answers;
    private readonly Counter<long> _sentences;
    private readonly GenerationOptions _options;

    public GenerationTelemetry(IMeterFactory meters, IOptions<GenerationOptions> options)
    {
        var meter = meters.Create(ApiTelemetry.Name);
        _options = options.Value;
        _duration = meter.CreateHistogram<double>("gen_ai.client.operation.duration", "s", "Time that a call of the language model takes.");
        _tokens = meter.CreateHistogram<long>("gen_ai.client.token.usage", "{token}", "Tokens that a call of the language model reads and writes, as it says.");
        _answers = meter.CreateCounter<long>("query_generation", "1", "Answers that a language model was to write, by outcome and by the code of what went otherwise.");
        _sentences = meter.CreateCounter<long>("query_generation_sentences", "1", "Sentences that a language model wrote, by verdict.");
    }

    public Activity? Start()
    {
        var activity = ApiTelemetry.Source.StartActivity($"{Operation} {_options.Model}", ActivityKind.Client);
        foreach (var (name, value) in Tags())
        {
            activity?.SetTag(name, value);
        }

        activity?.SetTag("gen_ai.request.max_tokens", _options.MaxOutputTokens);
        activity?.SetTag("gen_ai.request.temperature", _options.Temperature);
        return activity;
    }

    /// <param name="error">Code of the failure; null when there was none.</param>
    public void Called(Activity? activity, TimeSpan took, UsageDetails? usage, ChatFinishReason? finish, string? error)
    {
        var tags = Tags();
        if (error is not null)
        {
            tags.Add("error.type", error);
            activity?.SetTag("error.type", error);
            activity?.SetStatus(ActivityStatusCode.Error);
        }

        if (finish is { } reason)
        {
            activity?.SetTag("gen_ai.response.finish_reasons", new[] { reason.Value });
        }

        _duration.Record(took.TotalSeconds, tags);
        Used(activity, "input", usage?.InputTokenCount);
        Used(activity, "output", usage?.OutputTokenCount);
    }

    public void Sentence(SentenceVerdict verdict) => _sentences.Add(1, new KeyValuePair<string, object?>("verdict", verdict switch
    {
        SentenceVerdict.Supported => "supported",
        SentenceVerdict.NotCited => GenerationCodes.NotCited,
        _ => GenerationCodes.NotSupported,
    }));

    public void Answered(string outcome, string? code) => _answers.Add(
        1, new KeyValuePair<string, object?>("outcome", outcome), new KeyValuePair<string, object?>("code", code ?? "none"));

    private void Used(Activity? activity, string type, long? tokens)
    {
        if (tokens is { } count)
        {
            activity?.SetTag($"gen_ai.usage.{type}_tokens", count);
            var tags = Tags();
            tags.Add("gen_ai.token.type", type);
            _tokens.Record(count, tags);
        }
    }

    private TagList Tags() => new()
    {
        { "gen_ai.operation.name", Operation },
        { "gen_ai.provider.name", "openai" },
        { "gen_ai.request.model", _options.Model },
        { "server.address", _options.Address?.Host },
        { "server.port", _options.Address?.Port },
    };
}
