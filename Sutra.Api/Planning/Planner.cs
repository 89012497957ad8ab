using Sutra.Api.Concepts;
using Sutra.Api.Identity;
using Sutra.Api.Understanding;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Planning;

/// <summary>
/// Answers questions that metadata answer exactly: a value, the highest or lowest, a sum or average, a comparison, a trend, which of all. Everything else, and what
/// it cannot read with certainty, it leaves to retrieval.
/// </summary>
internal sealed class Planner(ConceptStoreClient store)
{
    /// <summary>More records are not gone through for one question.</summary>
    public const int MaxRecords = 20_000;

    private const Cue Superlative = Cue.Maximum | Cue.Minimum;
    private const Cue Movement = Cue.Rise | Cue.Fall | Cue.Change;

    /// <returns>Null: this is not a question of metadata.</returns>
    public async Task<PlannedAnswer?> AnswerAsync(
        Question question, MetadataCatalog catalog, Filter? allowed, string? collection, Caller caller, CancellationToken cancellation)
    {
        var context = await ContextAsync(question, catalog, allowed, collection, caller, cancellation);
        if (KindOf(context) is not { } kind)
        {
            return null;
        }

        var isOfText = kind == PlanKinds.Lookup && IsOfText(context);
        var filter = isOfText ? context.Filter() : context.Filter(MetadataFilters.Exists(context.Measure));
        if (kind == PlanKinds.Lookup && !isOfText && question.Times.Count == 0 && question.Edge >= 0 && !question.Has(Cue.Earliest))
        {
            return await LatestAsync(context, filter, collection, caller, cancellation);
        }

        var (concepts, isAll) = await ScanAsync(filter, isOfText ? MaxTextRecords : MaxRecords, collection, caller, cancellation);
        if (!isAll && !isOfText)
        {
            return new PlannedAnswer(kind, null, $"More than {MaxRecords} records would have to be gone through; ask about a shorter time or about fewer of them.", []) { Filter = filter };
        }

        var records = Sorted(concepts, catalog);
        return Answer(context, kind, isOfText, records) with { Filter = filter, Records = records.Count, TimeCovered = context.Covered(records) };
    }

    private static PlannedAnswer Answer(PlanContext context, string kind, bool isOfText, IReadOnlyList<Record> records) =>
        records.Count == 0 ? new PlannedAnswer(kind, null, NoRecord(context), [])
        : isOfText ? TextLookup.Answer(context, records)
        : kind switch
        {
            PlanKinds.Lookup => ValueLookup.Answer(context, records),
            PlanKinds.Comparison => Comparison.Answer(context, records),
            PlanKinds.Trend => Trend.Answer(context, records),
            PlanKinds.Which => WhichOf.Answer(context, records),
            _ => Aggregate.Answer(context, records, kind),
        };

    /// <summary>
    /// What is asked without a time is asked of now: of the last weeks where they have records, else of all that have a time, and not of thousands that were never of any.
    /// </summary>
    private async Task<PlannedAnswer?> LatestAsync(PlanContext context, Filter? filter, string? collection, Caller caller, CancellationToken cancellation)
    {
        var time = context.Time!;
        List<Filter?> lately = [MetadataFilters.All(filter, MetadataFilters.Exists(time))];
        if (time.Newest is { } newest && newest.DayNumber > LatelyDays)
        {
            lately.Insert(0, MetadataFilters.All(filter, MetadataFilters.From(time, newest.AddDays(-LatelyDays))));
        }

        foreach (var narrower in lately)
        {
            var (timed, isAll) = await ScanAsync(narrower, MaxRecords, collection, caller, cancellation);
            if (timed.Count > 0)
            {
                return isAll ? Latest(timed, narrower) : null;
            }
        }

        var (few, areAll) = await ScanAsync(filter, MaxUntimedRecords, collection, caller, cancellation);
        return areAll ? Latest(few, filter) : null;

        PlannedAnswer Latest(IReadOnlyList<Concept> concepts, Filter? from)
        {
            var records = Sorted(concepts, context.Catalog);
            return Answer(context, PlanKinds.Lookup, isOfText: false, records) with { Filter = from, Records = records.Count, TimeCovered = context.Covered(records) };
        }
    }

    private Task<(IReadOnlyList<Concept> Concepts, bool IsAll)> ScanAsync(Filter? filter, int most, string? collection, Caller caller, CancellationToken cancellation) =>
        store.ScanAsync(new ScanRequest { Filter = filter, Collection = collection ?? "" }, most, caller, cancellation);

    private static List<Record> Sorted(IReadOnlyList<Concept> concepts, MetadataCatalog catalog) =>
        [.. concepts.Select(concept => Record.Of(concept, catalog.Time)).OrderBy(record => record.Time).ThenBy(record => record.Concept.Id, StringComparer.Ordinal)];

    /// <summary>Enough to see whether all say the same.</summary>
    private const int MaxTextRecords = 50;

    private const int MaxUntimedRecords = 50;

    private const int LatelyDays = 31;

    private async Task<PlanContext> ContextAsync(
        Question question, MetadataCatalog catalog, Filter? allowed, string? collection, Caller caller, CancellationToken cancellation)
    {
        var named = new List<(CatalogField Field, string Value)>();
        foreach (var mention in question.Mentions)
        {
            named.Add(await CanonicalAsync(mention, catalog, collection, caller, cancellation));
        }

        // What the question names several of is what it compares; else what the records are of.
        var several = named.GroupBy(one => one.Field).Where(group => group.Select(one => one.Value).Distinct(StringComparer.Ordinal).Skip(1).Any()).Select(group => group.Key).FirstOrDefault();
        var subject = several ?? (catalog.Subject is { } usual ? catalog.NameOf(usual) : named.Select(one => one.Field).FirstOrDefault());
        if (several is null && question.Wanted is { } wanted && catalog.NameOf(wanted) is var asked && !named.Any(one => ReferenceEquals(one.Field, asked)) && !IsAliasOfNamed(wanted, named, catalog))
        {
            subject = asked;
        }

        var others = named.Where(one => !ReferenceEquals(one.Field, subject)).GroupBy(one => one.Field)
            .Select(group => MetadataFilters.OneOf(group.Key, [.. group.Select(one => one.Value).Distinct(StringComparer.Ordinal)]));
        return new PlanContext(
            question, catalog, subject, [.. named.Where(one => ReferenceEquals(one.Field, subject)).Select(one => one.Value).Distinct(StringComparer.Ordinal)], [.. others])
        {
            Allowed = allowed,
        };
    }

    private static bool IsAliasOfNamed(CatalogField field, List<(CatalogField Field, string Value)> named, MetadataCatalog catalog) =>
        named.Any(one => ReferenceEquals(catalog.NameOf(one.Field), catalog.NameOf(field)));

    /// <summary>BRME is Brightmoor Energy: any record of it says so.</summary>
    private async Task<(CatalogField Field, string Value)> CanonicalAsync(
        Mention mention, MetadataCatalog catalog, string? collection, Caller caller, CancellationToken cancellation)
    {
        var name = catalog.NameOf(mention.Field);
        if (ReferenceEquals(name, mention.Field))
        {
            return (mention.Field, mention.Value);
        }

        if (!catalog.Canonical.TryGetValue((mention.Field.Name, mention.Value), out var value))
        {
            var (found, _) = await store.ScanAsync(
                new ScanRequest { Filter = MetadataFilters.OneOf(mention.Field, [mention.Value]), Collection = collection ?? "" }, 1, caller, cancellation);
            if (found.Count == 0 || !found[0].Metadata.TryGetValue(name.Name, out value))
            {
                return (mention.Field, mention.Value);
            }

            catalog.Canonical[(mention.Field.Name, mention.Value)] = value;
        }

        return (name, value);
    }

    private static bool IsOfText(PlanContext context) =>
        context.Question is { Wanted: not null, Times.Count: 0 } question && !question.Has(Superlative | Movement | Cue.Average | Cue.Sum | Cue.More | Cue.Less) && question.Threshold is null
        && question.Mentions.Any(mention => !ReferenceEquals(mention.Field, question.Wanted));

    private static string? KindOf(PlanContext context)
    {
        var (question, catalog) = (context.Question, context.Catalog);
        if (IsOfText(context) && question.Mentions.Any(mention => mention.IsSure))
        {
            return PlanKinds.Lookup;
        }

        if (catalog.Measures.Count == 0 || catalog.Time is null || question.Has(Cue.Why))
        {
            return null;
        }

        var asks = question.Measures.Count > 0 && question.Measures[0].Score >= MinMeasure;
        var moves = question.Has(Movement);
        var isAnchored = context.Subjects.Count > 0 || question.Times.Count > 0;
        if (!isAnchored || (!asks && !moves))
        {
            return question.Wanted is not null && asks && question.Has(Superlative | Movement) ? PlanKinds.Which : null;
        }

        if (context.Subjects.Count > 1 || (context.Subjects.Count == 1 && question.Times.Count > 1 && question.Has(Cue.More | Cue.Less | Cue.Compare | Superlative)))
        {
            return PlanKinds.Comparison;
        }

        if (context.Subjects.Count == 0 && context.Subject is not null && (question.Wanted is not null || question.Has(Superlative)) && !question.WantsCount
            && (question.Has(Superlative | Movement | Cue.More | Cue.Less) || question.Threshold is not null))
        {
            return PlanKinds.Which;
        }

        if (question.WantsCount || question.Threshold is { Side: not 0 })
        {
            return PlanKinds.Aggregate;
        }

        if (moves && !question.Has(Superlative | Cue.Average | Cue.Sum) && !context.IsOneDay && context.Subjects.Count == 1)
        {
            return PlanKinds.Trend;
        }

        if (!asks)
        {
            return null;
        }

        if (!context.IsOneDay && question.Has(Superlative))
        {
            return PlanKinds.Extreme;
        }

        return !context.IsOneDay && question.Has(Cue.Average | Cue.Sum) ? PlanKinds.Aggregate : PlanKinds.Lookup;
    }

    private const double MinMeasure = 0.3;

    private static string NoRecord(PlanContext context)
    {
        var of = context.Subjects.Count > 0 ? $" of {string.Join(" and ", context.Subjects)}" : "";
        return $"There is no record{of}{context.When()}.";
    }
}
