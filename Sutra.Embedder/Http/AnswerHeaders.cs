using System.Globalization;
using System.Text;
using Sutra.Embedder.Models;
using Sutra.Embedder.Pipeline;

namespace Sutra.Embedder.Http;

/// <summary>What is told beside an answer; the times are milliseconds.</summary>
internal static class AnswerHeaders
{
    public static void WriteHeaders(this HttpResponse response, EmbeddingAnswer answer)
    {
        var headers = response.Headers;
        response.WriteModelHeader(answer.Model);
        headers["x-compute-tokens"] = answer.Tokens.ToString(CultureInfo.InvariantCulture);
        headers["x-truncated-inputs"] = answer.Truncated.ToString(CultureInfo.InvariantCulture);
        headers["x-total-time"] = Milliseconds(answer.Timings.Total);
        headers["x-tokenization-time"] = Milliseconds(answer.Timings.Tokenization);
        headers["x-queue-time"] = Milliseconds(answer.Timings.Queue);
        headers["x-inference-time"] = Milliseconds(answer.Timings.Inference);
    }

    public static void WriteModelHeader(this HttpResponse response, ModelIdentity model) =>
        response.Headers["x-model"] = Ascii.IsValid(model.Id) ? model.Id : Uri.EscapeDataString(model.Id);

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString("0.###", CultureInfo.InvariantCulture);
}
