using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using Sutra.Contracts.Identity;
using Sutra.Contracts.Storage.V1;
using Sutra.Storage.Concepts;
using Sutra.Storage.Engine;
using LearnOutcome = Sutra.Contracts.Storage.V1.LearnOutcome;

namespace Sutra.Storage.Grpc;

internal sealed partial class ConceptStoreService
{
    [Authorize(Policy = Permissions.Write)]
    public override async Task<LearnResponse> Learn(LearnRequest request, ServerCallContext context)
    {
        var result = await store.Get(request.Collection).LearnAsync(ConceptMessages.FromMessage(request), context.CancellationToken);
        return new LearnResponse { Id = result.Id.ToString(), Created = result.Created };
    }

    [Authorize(Policy = Permissions.Write)]
    public override async Task<LearnManyResponse> LearnMany(LearnManyRequest request, ServerCallContext context)
    {
        if (request.Concepts.Count is < 1 or > ConceptEngine.MostAtOnce)
        {
            throw new InvalidConceptException("concepts", $"must be 1 to {ConceptEngine.MostAtOnce}");
        }

        var engine = store.Get(request.Collection);
        var outcomes = new LearnOutcome[request.Concepts.Count];
        var concepts = new List<NewConcept>(outcomes.Length);
        var places = new List<int>(outcomes.Length);
        for (var i = 0; i < outcomes.Length; i++)
        {
            try
            {
                concepts.Add(ConceptMessages.FromMessage(request.Concepts[i]));
                places.Add(i);
            }
            catch (InvalidConceptException e)
            {
                outcomes[i] = ConceptMessages.ToMessage(new Concepts.LearnOutcome(default, e));
            }
        }

        if (concepts.Count > 0)
        {
            var learned = await engine.LearnManyAsync(concepts, context.CancellationToken);
            for (var i = 0; i < places.Count; i++)
            {
                outcomes[places[i]] = ConceptMessages.ToMessage(learned[i]);
            }
        }

        return new LearnManyResponse { Outcomes = { outcomes } };
    }

    [Authorize(Policy = Permissions.Read)]
    public override Task<FieldsResponse> Fields(FieldsRequest request, ServerCallContext context)
    {
        const int Default = 1000;
        if (request.MaxValues < 0)
        {
            throw new InvalidConceptException("max_values", "must not be negative");
        }

        var survey = store.Get(request.Collection).Fields(request.MaxValues == 0 ? Default : request.MaxValues, context.CancellationToken);
        return Task.FromResult(FieldMessages.ToMessage(survey, MaxAnswerBytes));
    }
}
