using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Sutra.Api.Clients;
using Sutra.Api.Errors;
using Sutra.Api.Identity;

namespace Sutra.Api.Auditing;

/// <summary>
/// Puts what is done for a caller on record. Reading: the record is committed before the answer is sent. Changing: an intent
/// is committed before the change is made and the outcome before it is acknowledged, so nothing changes un-audited.
/// </summary>
internal sealed class Auditor(AuditTrail trail, IOptions<AuditOptions> options, TimeProvider time)
{
    private readonly byte[] _key = Encoding.UTF8.GetBytes(options.Value.HashKey);

    /// <exception cref="ApiProblem">503.</exception>
    public void RequireAvailable() => trail.RequireAvailable();

    /// <summary>Returns when the record is committed.</summary>
    /// <exception cref="ApiProblem">503: it could not be committed.</exception>
    public Task RecordAsync(
        Caller caller,
        string action,
        string outcome,
        IReadOnlyList<string> conceptIds,
        string? model,
        CancellationToken cancellation) =>
        trail.CommitAsync(
            new AuditRecord(
                Guid.CreateVersion7(time.GetUtcNow()),
                time.GetUtcNow(),
                action,
                HashOf(caller.Subject),
                conceptIds,
                outcome,
                Activity.Current?.TraceId.ToHexString(),
                model),
            cancellation);

    public Task IntendAsync(Caller caller, string action, IReadOnlyList<string> conceptIds, CancellationToken cancellation) =>
        RecordAsync(caller, AuditActions.IntentOf(action), AuditOutcomes.Intended, conceptIds, model: null, cancellation);

    /// <summary>Runs <paramref name="work"/>; a failure of it is put on record, as far as the trail still takes it, and thrown on.</summary>
    public async Task<T> RecordFailureAsync<T>(Caller caller, string action, IReadOnlyList<string> conceptIds, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception e) when (e is ComponentException or ApiProblem { Component: not Components.Audit })
        {
            var code = e is ComponentException failed ? failed.ToProblem().Code : ((ApiProblem)e).Code;
            try
            {
                await RecordAsync(caller, action, AuditOutcomes.Failed(code), conceptIds, model: null, CancellationToken.None);
            }
            catch (ApiProblem)
            {
                // The caller is told of a failure in any case, and is served nothing.
            }

            throw;
        }
    }

    /// <summary>The keyed hash that stands for a caller; the same caller always has the same.</summary>
    public string HashOf(string subject) => Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(subject)));
}
