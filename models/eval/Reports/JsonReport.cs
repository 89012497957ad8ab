using System.Text.Json;

namespace Sutra.Models.Eval.Reports;

/// <summary>The report as programs read it: figures 0 to 1.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Write(EvaluationReport report) => JsonSerializer.Serialize(report, Readable) + "\n";
}
