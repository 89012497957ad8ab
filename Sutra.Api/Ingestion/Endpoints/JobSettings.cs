using System.Globalization;
using System.Net.Http.Headers;
using Sutra.Api.Errors;
using Sutra.Api.Ingestion.Jobs;
using Sutra.Contracts.Concepts;

namespace Sutra.Api.Ingestion.Endpoints;

/// <summary>What is asked of a job, beside its contents.</summary>
internal sealed record JobSettings(string? Collection, string? Owner, int Priority, string? ContentColumn, string? Webhook)
{
    public const int DefaultPriority = 5;

    private const string HeaderPrefix = "x-job-";
    private const int MaxWebhook = 2048;
    private const int MaxCollection = 64;
    private static readonly string[] s_names = ["collection", "owner", "priority", "content_column", "webhook"];

    /// <summary>Of the query, else of the headers <c>x-job-collection</c> and so on, else of the form's fields.</summary>
    /// <exception cref="ApiProblem">400.</exception>
    public static JobSettings From(HttpRequest request, IReadOnlyDictionary<string, string> form, bool webhooks)
    {
        var errors = new FieldErrors();
        foreach (var unknown in form.Keys.Where(name => !s_names.Contains(name, StringComparer.Ordinal)).Take(1))
        {
            _ = unknown;
            errors.Add("body", $"A form has a file and these fields: {string.Join(", ", s_names)}.");
        }

        var priority = DefaultPriority;
        if (Value("priority") is { } text && !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out priority))
        {
            priority = -1;
        }

        var settings = new JobSettings(Value("collection"), Value("owner"), priority, Value("content_column"), Value("webhook"));
        settings.Check(errors, webhooks);
        errors.ThrowIfAny();
        return settings;

        string? Value(string name)
        {
            var query = request.Query[name].ToString();
            var header = query.Length > 0 ? "" : request.Headers[HeaderPrefix + name.Replace('_', '-')].ToString();
            var value = query.Length > 0 ? query : header.Length > 0 ? header : form.GetValueOrDefault(name);
            return string.IsNullOrEmpty(value) ? null : value;
        }
    }

    /// <param name="webhooks">Whether there is a secret to sign them with.</param>
    public void Check(FieldErrors errors, bool webhooks)
    {
        if (Collection is { } collection
            && (collection.Length > MaxCollection || !char.IsAsciiLetterLower(collection[0]) && !char.IsAsciiDigit(collection[0])
                || collection.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not '-' and not '_')))
        {
            errors.Add("collection", "A collection's name has 1 to 64 of a-z, 0-9, - and _, beginning with a letter or digit.");
        }

        if (Owner is { } owner && !(ConceptLimits.Bytes(owner) <= ConceptLimits.Owner))
        {
            errors.Add("owner", $"An owner has at most {ConceptLimits.Owner} bytes of UTF-8.");
        }

        if (Priority is < 0 or > 9)
        {
            errors.Add("priority", "A priority is a whole number from 0 to 9.");
        }

        if (ContentColumn is { } column && !(ConceptLimits.Bytes(column) <= ConceptLimits.MetadataKey))
        {
            errors.Add("content_column", $"A column's name has at most {ConceptLimits.MetadataKey} bytes of UTF-8.");
        }

        if (Webhook is null)
        {
            return;
        }

        if (!webhooks)
        {
            errors.Add("webhook", "Webhooks are not set up on this server (Ingestion:WebhookSecret).");
        }
        else if (Webhook.Length > MaxWebhook || !IsAddress(Webhook))
        {
            errors.Add("webhook", $"A webhook is an http or https address of at most {MaxWebhook} characters, without a user.");
        }
    }

    public static bool IsAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
        && uri.Host.Length > 0
        && uri.UserInfo.Length == 0;

    /// <returns>Null: none that is taken.</returns>
    public static JobFormat? FormatOf(string? contentType, string? fileName = null)
    {
        if (MediaTypeHeaderValue.TryParse(contentType, out var media))
        {
            if (media.CharSet is { } charset && !charset.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            {
                return null;
            }

            switch (media.MediaType?.ToLowerInvariant())
            {
                case "application/x-ndjson" or "application/ndjson" or "application/jsonl" or "application/x-jsonlines" or "application/json-lines":
                    return JobFormat.Ndjson;
                case "text/csv" or "application/csv":
                    return JobFormat.Csv;
                case "application/json":
                    return JobFormat.Json;
            }
        }

        return Path.GetExtension(fileName)?.ToLowerInvariant() switch
        {
            ".ndjson" or ".jsonl" => JobFormat.Ndjson,
            ".csv" => JobFormat.Csv,
            ".json" => JobFormat.Json,
            _ => null,
        };
    }

    public static ApiProblem UnsupportedFormat() => new(
        StatusCodes.Status415UnsupportedMediaType,
        ProblemCodes.UnsupportedMediaType,
        "The body must be UTF-8, not compressed, and one of application/x-ndjson, text/csv, application/json (an array), or multipart/form-data with one such file.");
}
