using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Sutra.Api.Auditing;
using Sutra.Api.Clients;
using Sutra.Api.Concepts;
using Sutra.Api.Errors;
using Sutra.Api.Identity;
using Sutra.Api.Learning;
using Sutra.Contracts.Api;
using Sutra.Contracts.Identity;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Collections;

/// <summary><c>GET /api/collections/{name}/fields</c>: what metadata there is, for whoever writes filters or a form.</summary>
internal static class FieldsEndpoint
{
    private const int DefaultValues = 100;
    private const int MostValues = 10_000;

    public static void MapFields(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/collections/{name}/fields", FieldsAsync).RequireAuthorization(Permissions.Read);

    private static async Task<JsonHttpResult<CollectionFieldsResponse>> FieldsAsync(
        string name, HttpContext context, ConceptStoreClient store, CollectionDirectory collections, Auditor auditor, CancellationToken cancellation)
    {
        var most = MaxValues(context.Request);
        var caller = Caller.Of(context);
        auditor.RequireAvailable();
        await collections.FindAsync(name, caller, cancellation);
        var found = await auditor.RecordFailureAsync(
            caller, AuditActions.Fields, [], () => store.FieldsAsync(new FieldsRequest { Collection = name, MaxValues = most }, caller, cancellation));
        await auditor.RecordAsync(caller, AuditActions.Fields, AuditOutcomes.Ok, [], model: null, cancellation);
        return TypedResults.Json(
            new CollectionFieldsResponse([.. found.Fields.Select(Describe)], found.Incomplete), ApiJson.Default.CollectionFieldsResponse);
    }

    private static CollectionField Describe(FieldInfo field) => new(
        field.Name,
        field.Concepts,
        field.Distinct,
        field.DistinctCapped,
        field.Numbers == 0 ? null : new NumberRange(field.Numbers, field.MinNumber, field.MaxNumber),
        field.Times == 0 ? null : new TimeRange(field.Times, Time(field.MinTime), Time(field.MaxTime)),
        field.Values.Count == 0 ? null : field.Values);

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private static int MaxValues(HttpRequest request)
    {
        var errors = new FieldErrors();
        var asked = RequestScope.One(request, "max_values", errors);
        var most = DefaultValues;
        if (asked is not null && (!int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out most) || most is < 1 or > MostValues))
        {
            errors.Add("max_values", $"It is 1 to {MostValues}.");
        }

        errors.ThrowIfAny();
        return most;
    }
}
