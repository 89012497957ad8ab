using System.Diagnostics;

namespace Sutra.Embedder.Telemetry;

/// <summary>The spans of a call: <c>embedding_request</c> and, under it, what the time went into. No span holds text.</summary>
internal static class EmbedderTracing
{
    public const string SourceName = "Sutra.Embedder";

    public const string Request = "embedding_request";
    public const string ModelSelection = "model_selection";
    public const string Tokenization = "tokenization";
    public const string Inference = "onnx_inference";
    public const string PostProcessing = "post_processing";

    public static ActivitySource Source { get; } = new(SourceName);

    /// <summary>Says in the standard way that a span's work failed; the message must hold no text of a caller.</summary>
    public static void Fail(this Activity? activity, Exception error)
    {
        if (activity is null)
        {
            return;
        }

        activity.SetStatus(ActivityStatusCode.Error, error.Message);
        activity.SetTag("error.type", error.GetType().FullName);
        activity.AddEvent(new ActivityEvent("exception", tags: new ActivityTagsCollection
        {
            ["exception.type"] = error.GetType().FullName,
            ["exception.message"] = error.Message,
        }));
    }
}
