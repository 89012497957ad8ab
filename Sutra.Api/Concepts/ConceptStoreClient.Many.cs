using Grpc.Core;
using Sutra.Api.Clients;
using Sutra.Api.Errors;
using Sutra.Api.Identity;
using Sutra.Api.Learning;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Concepts;

/// <summary>Learning many at once.</summary>
internal sealed partial class ConceptStoreClient
{
    // The storage flushes what comes together together.
    private const int CallsAtOnce = 32;

    /// <summary>Durable and searchable when answered; what was begun is ended.</summary>
    /// <param name="collection">Name or alias; null for the default one.</param>
    /// <returns>In the order of the requests.</returns>
    /// <exception cref="ComponentException">Nothing was learned, and it was nobody's own fault.</exception>
    public async Task<IReadOnlyList<Learned>> LearnManyAsync(IReadOnlyList<LearnRequest> requests, string? collection, Caller caller)
    {
        var learned = new Learned[requests.Count];
        var failures = new ComponentException?[requests.Count];
        await Parallel.ForAsync(0, requests.Count, new ParallelOptions { MaxDegreeOfParallelism = CallsAtOnce }, async (i, _) =>
        {
            requests[i].Collection = collection ?? "";
            try
            {
                var response = await LearnAsync(requests[i], caller, CancellationToken.None);
                learned[i] = new Learned(response.Id, response.Created, null);
            }
            catch (ComponentException e)
            {
                var problem = e.ToProblem();
                failures[i] = e;
                learned[i] = new Learned(
                    null, Created: false, new LearnItemError(null, problem.Code, problem.Message, problem.Status >= StatusCodes.Status500InternalServerError));
            }
        });
        return Array.TrueForAll(failures, failure => failure is { StatusCode: not StatusCode.InvalidArgument })
            ? throw failures[0]!
            : learned;
    }
}
