using Sutra.Storage.Associations.Extraction;
using Sutra.Storage.Lexical;

namespace Sutra.Storage.Associations;

/// <summary>Compares associations with what they are of, and with themselves.</summary>
internal static class AssociationVerification
{
    /// <param name="payload">Of the row's learn record.</param>
    /// <exception cref="InvalidDataException">Links or entities are not those of the payload. Entities are compared only if they were extracted by the rules of this program.</exception>
    public static void CheckRecord(AssociationPart part, int row, ReadOnlySpan<byte> payload)
    {
        var stored = part.Record(row);
        ReadOnlySpan<byte> expected = AssociationRecord.Of(payload);
        var there = new AssociationReader(stored);
        var wanted = new AssociationReader(expected);
        if (part.Rules == EntityExtractor.Rules && !there.EntityBytes.SequenceEqual(wanted.EntityBytes))
        {
            throw new InvalidDataException("its entities are not those of what it says");
        }

        if (!stored[(2 + there.EntityBytes.Length)..].SequenceEqual(expected[(2 + wanted.EntityBytes.Length)..]))
        {
            throw new InvalidDataException("its links are not those it was learned with");
        }
    }

    /// <exception cref="InvalidDataException">From a term to its rows is not the same as from rows to their terms.</exception>
    public static void CheckTerms(AssociationImage image)
    {
        long postings = 0, expected = 0, entities = 0, links = 0;
        var targets = new HashSet<ulong>();
        for (var row = 0; row < image.Rows; row++)
        {
            var record = image.Record(row);
            entities += AssociationRecord.Entities(record);
            links += AssociationRecord.Links(record);
            targets.Clear();
            for (var reader = new AssociationReader(record); reader.TryReadLink(out var link);)
            {
                targets.Add(link.Target.Value);
            }

            expected += AssociationRecord.Entities(record) + targets.Count;
        }

        var cursor = PostingCursor.Rent();
        for (var terms = image.Terms.Terms(); terms.MoveNext();)
        {
            for (cursor.Open(image.Terms, terms.Postings); cursor.Row != PostingCursor.End; cursor.Next())
            {
                postings++;
                if (!Has(image.Record((int)cursor.Row), terms.Term))
                {
                    throw new InvalidDataException($"row {cursor.Row} is listed under what it has not");
                }
            }
        }

        PostingCursor.Return(cursor);
        if (postings != expected || entities != image.Entities || links != image.Links)
        {
            throw new InvalidDataException("what rows have and what is listed are not the same in number");
        }
    }

    private static bool Has(ReadOnlySpan<byte> record, ReadOnlySpan<byte> term)
    {
        var reader = new AssociationReader(record);
        if (term[0] != AssociationRecord.TargetTag)
        {
            while (reader.TryReadEntity(out var entity))
            {
                if (entity.SequenceEqual(term))
                {
                    return true;
                }
            }

            return false;
        }

        Span<byte> target = stackalloc byte[AssociationRecord.TargetTermBytes];
        while (reader.TryReadLink(out var link))
        {
            AssociationRecord.WriteTarget(link.Target, target);
            if (target.SequenceEqual(term))
            {
                return true;
            }
        }

        return false;
    }
}
