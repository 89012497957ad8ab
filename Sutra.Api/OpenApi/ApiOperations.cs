using System.Collections.Frozen;
using Sutra.ServiceDefaults.Health;

namespace Sutra.Api.OpenApi;

/// <summary>Every endpoint of the public API, for its OpenAPI document. One that is missing here is found by a test.</summary>
internal static class ApiOperations
{
    private static readonly ApiOperation s_health = new("getHealth", "GET", "/health", "How every component is.")
    {
        Description = "503 with the same report when learning or asking would fail.",
        Answer = ApiContent.JsonOf<HealthResponse>(),
    };

    public static IReadOnlyList<ApiOperation> All { get; } = [.. ConceptOperations.All, .. CollectionOperations.All, .. JobOperations.All, s_health];

    private static readonly FrozenDictionary<string, ApiOperation> s_byKey =
        All.ToFrozenDictionary(operation => operation.Key, operation => operation, StringComparer.Ordinal);

    public static ApiOperation? Find(string? method, string? path) => s_byKey.GetValueOrDefault($"{method} /{path?.Trim('/')}");
}
