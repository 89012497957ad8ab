using Sutra.Api.Clients;
using Sutra.Api.Errors;
using Sutra.Api.Identity;
using Sutra.Api.Learning;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Concepts;

/// <summary>Learning many at once.</summary>
internal sealed partial class ConceptStoreClient
{
    private const int MaxConcepts = 1024;

    // The storage takes 16 MiB; the largest concept is a tenth of it.
    private const int MaxBytes = 8 * 1024 * 1024;

    /// <summary>Durable and searchable when answered; what was begun is ended.</summary>
    /// <param name="collection">Name or alias; null for the default one.</param>
    /// <returns>In the order of the requests.</returns>
    /// <exception cref="ComponentException">Nothing was learned; where one call of several failed, its concepts have an error.</exception>
    public async Task<IReadOnlyList<Learned>> LearnManyAsync(IReadOnlyList<LearnRequest> requests, string? collection, Caller caller)
    {
        var learned = new List<Learned>(requests.Count);
        var call = new LearnManyRequest { Collection = collection ?? "" };
        var (bytes, anything) = (0, false);
        foreach (var request in requests)
        {
            var size = request.CalculateSize();
            if (call.Concepts.Count == MaxConcepts || (call.Concepts.Count > 0 && bytes + size > MaxBytes))
            {
                await SendAsync();
            }

            call.Concepts.Add(request);
            bytes += size;
        }

        if (call.Concepts.Count > 0)
        {
            await SendAsync();
        }

        return learned;

        async Task SendAsync()
        {
            try
            {
                var response = await (Call(caller) with { Limit = options.Value.BatchDeadline })
                    .InvokeAsync(options => client.LearnManyAsync(call, options), CancellationToken.None);
                learned.AddRange(response.Outcomes.Select(ToLearned));
                anything = true;
            }
            catch (ComponentException e) when (anything)
            {
                var problem = e.ToProblem();
                var error = new LearnItemError(null, problem.Code, problem.Message, problem.Status >= StatusCodes.Status500InternalServerError);
                learned.AddRange(Enumerable.Repeat(new Learned(null, Created: false, error), call.Concepts.Count));
            }

            call.Concepts.Clear();
            bytes = 0;
        }
    }

    // The storage's words for a concept are rules, without its text.
    private static Learned ToLearned(Contracts.Storage.V1.LearnOutcome outcome) => outcome switch
    {
        { Error: "" } => new Learned(outcome.Id, outcome.Created, null),
        { Retryable: true } => new Learned(
            null, Created: false, new LearnItemError(Field(outcome), $"{Components.Storage}_unavailable", outcome.Error, Retryable: true)),
        _ => new Learned(null, Created: false, new LearnItemError(Field(outcome), Code(outcome.Field), $"The storage refuses it: {outcome.Error}.", Retryable: false)),
    };

    private static string? Field(Contracts.Storage.V1.LearnOutcome outcome) => outcome.Field.Length == 0 ? null : outcome.Field;

    private static string Code(string field) => field == "id" ? ProblemCodes.ConceptNotFound : ProblemCodes.InvalidRequest;
}
