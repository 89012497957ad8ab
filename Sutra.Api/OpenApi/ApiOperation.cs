namespace Sutra.Api.OpenApi;

/// <summary>What an endpoint takes and gives. Bodies are read by hand, for errors that name field and rule, so its code does not say it.</summary>
/// <param name="Id">What generated clients call it.</param>
/// <param name="Path">As it is mapped.</param>
/// <param name="Summary">A line.</param>
/// <param name="Status">Of success.</param>
internal sealed record ApiOperation(string Id, string Method, string Path, string Summary, int Status = StatusCodes.Status200OK)
{
    public string? Description { get; init; }

    /// <summary>Null: there is none.</summary>
    public ApiContent? Body { get; init; }

    /// <summary>An example of the body, as JSON.</summary>
    public string? Example { get; init; }

    /// <summary>Null: it has no body.</summary>
    public ApiContent? Answer { get; init; }

    /// <summary>Parameters in the query string or the headers; those in the path are known.</summary>
    public IReadOnlyList<ApiParameter> Parameters { get; init; } = [];

    /// <summary>Statuses of problems beside those that follow from the rest: see <see cref="AllProblems"/>.</summary>
    public IReadOnlyList<int> Problems { get; init; } = [];

    public string Key => $"{Method} {Path}";

    /// <summary>Everybody may ask.</summary>
    public bool IsOpen => !Path.StartsWith("/api/", StringComparison.Ordinal);

    /// <summary>The first part of the path after <c>/api</c>.</summary>
    public string Tag => Path.Split('/', StringSplitOptions.RemoveEmptyEntries) is ["api", var tag, ..] ? tag : "service";

    public IEnumerable<int> AllProblems
    {
        get
        {
            int[] everywhere = IsOpen ? [] : [401, 403, 500, 503];
            int[] body = Body is null ? [] : [400, 413, 415];
            int[] query = Parameters.Count == 0 ? [] : [400];
            int[] place = Path.Contains('{', StringComparison.Ordinal) || Parameters.Any(one => one.Name == "collection") ? [404] : [];
            int[] key = Parameters.Contains(ApiParameter.IdempotencyKey) ? [409, 422] : [];
            return everywhere.Concat(body).Concat(query).Concat(place).Concat(key).Concat(Problems).Distinct().Order();
        }
    }
}

/// <summary>A body, or an answer.</summary>
/// <param name="Type">Of the whole, or of an item where it is a list.</param>
/// <param name="MediaTypes">That it may have.</param>
internal sealed record ApiContent(Type Type, params string[] MediaTypes)
{
    public const string Json = "application/json";

    /// <summary>The schema is that of a line.</summary>
    public const string Lines = "application/x-ndjson";

    public const string Events = "text/event-stream";

    /// <summary>A form with files.</summary>
    public const string Form = "multipart/form-data";

    /// <summary>As JSON it is an array.</summary>
    public bool IsList { get; init; }

    public static ApiContent JsonOf<T>() => new(typeof(T), Json);

    public static ApiContent LinesOf<T>() => new(typeof(T), Lines);

    /// <summary>Lines or an array.</summary>
    public static ApiContent ListOf<T>() => new(typeof(T), Lines, Json) { IsList = true };
}

/// <param name="Type">Of its value: string, int or bool.</param>
internal sealed record ApiParameter(string Name, Type Type, string Description, bool IsHeader = false)
{
    public static ApiParameter IdempotencyKey { get; } = new(
        "Idempotency-Key", typeof(string), "1 to 255 printable ASCII characters: the same request with the same key is done once.", IsHeader: true);

    public static ApiParameter Collection { get; } = new("collection", typeof(string), "Name or alias; the default one when left out.");

    public static ApiParameter Owner { get; } = new("owner", typeof(string), "The data subject whom it is about, at most 256 bytes of UTF-8.");

    public static ApiParameter Limit { get; } = new("limit", typeof(int), "Of a page, 1 to 1,000; default 50.");
}
