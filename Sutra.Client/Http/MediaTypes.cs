namespace Sutra.Client.Http;

internal static class MediaTypes
{
    public const string Json = "application/json";
    public const string Lines = "application/x-ndjson";
    public const string Events = "text/event-stream";
}
