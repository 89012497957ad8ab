using System.Globalization;
using Sutra.Storage.Associations;
using Sutra.Storage.Concepts;
using Sutra.Storage.Filtering;
using Sutra.Storage.Hnsw;
using Sutra.Storage.Search;
using Sutra.Storage.Segments;
using Sutra.Storage.Vectors;

namespace Sutra.Storage.Engine;

/// <summary>What a full check of the data found.</summary>
/// <param name="Concepts">That are there.</param>
/// <param name="Segments">Read in full.</param>
/// <param name="Bytes">Of them.</param>
/// <param name="Unreachable">Vectors of linked graphs that no walk comes to.</param>
/// <param name="Faults">One line each, at most <see cref="Verification.MaxFaults"/>; empty when all is well.</param>
public sealed record VerificationReport(long Concepts, int Segments, long Bytes, long Unreachable, IReadOnlyList<string> Faults);

/// <summary>
/// Reads everything of one state and compares it with everything else: checksums, ids with contents, vectors with embeddings, rows with slots, words with
/// rows, that graphs hang together, and that no concept is there twice. Takes no locks; costs a pass over all files.
/// </summary>
internal sealed class Verification(EngineView view, CancellationToken cancellation)
{
    public const int MaxFaults = 100;

    // Vectors of length one whose difference is rounding only.
    private const float SameVector = 0.9999f;

    private readonly List<string> _faults = [];
    private readonly HashSet<ConceptId> _seen = [];
    private long _unreachable;

    public VerificationReport Run()
    {
        foreach (var table in new[] { view.Active, view.Frozen }.OfType<MemoryTable>())
        {
            foreach (var concept in ViewScan.InMemory(table, view.Sequence))
            {
                Check($"concept {concept.Id} in memory", () => CheckInMemory(concept));
                CheckOnce(concept.Id);
            }
        }

        foreach (var segment in view.Segments)
        {
            CheckSegment(segment.Segment);
        }

        if (_seen.Count != view.Count)
        {
            Fault(string.Create(CultureInfo.InvariantCulture, $"{_seen.Count} concepts are there, {view.Count} are counted"));
        }

        return new VerificationReport(_seen.Count, view.Segments.Length, view.Segments.Sum(segment => segment.Segment.Length), _unreachable, _faults);
    }

    private void CheckSegment(Segment segment)
    {
        FilterAudit? filters = null;
        Check($"'{segment.Path}', filter section", () => filters = new FilterAudit(segment.Filters.Image));
        for (uint row = 0; row < segment.Rows; row++)
        {
            cancellation.ThrowIfCancellationRequested();
            var at = row;
            Check($"'{segment.Path}', row {at}", () => CheckRow(segment, at, filters));
            if (segment.IsVisible(row, view.Sequence))
            {
                CheckOnce(segment.Id(row));
            }
        }

        if (segment.Texts.Rows != segment.Rows)
        {
            Fault($"'{segment.Path}': its words are of {segment.Texts.Rows} rows, it has {segment.Rows}");
        }

        Check($"'{segment.Path}', associations", () => AssociationVerification.CheckTerms(segment.Associations));
        foreach (var part in segment.Parts.Where(part => part.Linked))
        {
            Check($"'{segment.Path}', links of {part.Model}", () => _ = part.Worths);
            var missed = part.View.Count - Reachability.Mark(part.View, new SlotBitmap(part.View.Count));
            _unreachable += missed;
            if (missed > 0)
            {
                Fault($"'{segment.Path}': no walk comes to {missed} vectors of {part.Model}");
            }
        }
    }

    private static void CheckInMemory(StoredConcept concept)
    {
        CheckConcept(concept.Payload.Span, concept.Id, concept.Model);
        Expect(AssociationRecord.Of(concept.Payload.Span).AsSpan().SequenceEqual(concept.Associations), "its associations are not those of what it says");
    }

    private static void CheckRow(Segment segment, uint row, FilterAudit? filters)
    {
        var part = segment.PartOf(row);
        var payload = segment.Payload(row);
        if (payload.IsEmpty)
        {
            Expect(!segment.IsAlive(row), "it is there, and its key was destroyed");
            return;
        }

        CheckConcept(payload, segment.Id(row), part.Model);
        filters?.Check(row, payload);
        Expect(segment.TryFind(segment.Id(row), out var found, out _) && found == row, "its id leads elsewhere");
        Expect(part.RowOf(segment.Slot(row)) == row, "its vector leads elsewhere");
        AssociationVerification.CheckRecord(segment.Associations, (int)row, payload);
        Expect(ConceptRecord.Dimension(payload) == part.Dimension, "its vector has another dimension");
        var embedding = new float[part.Dimension];
        ConceptVector.Normalise(payload, embedding);
        Expect(System.Numerics.Tensors.TensorPrimitives.Dot(embedding, segment.Vector(row)) > SameVector, "its vector is not its embedding");
    }

    private static void CheckConcept(ReadOnlySpan<byte> payload, ConceptId id, string model)
    {
        var concept = ConceptRecord.ReadLearn(payload);
        Expect(concept.Id == id, "it says another id");
        Expect(concept.Model == model, "it says another model");
    }

    private void CheckOnce(ConceptId id)
    {
        if (!_seen.Add(id))
        {
            Fault($"concept {id} is there twice");
        }
    }

    private void Check(string what, Action check)
    {
        try
        {
            check();
        }
        catch (Exception e) when (e is SegmentCorruptException or InvalidDataException)
        {
            Fault($"{what}: {e.Message}");
        }
    }

    private static void Expect(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new InvalidDataException(otherwise);
        }
    }

    private void Fault(string fault)
    {
        if (_faults.Count < MaxFaults)
        {
            _faults.Add(fault);
        }
    }
}
