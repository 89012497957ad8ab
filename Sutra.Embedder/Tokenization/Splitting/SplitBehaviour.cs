using Sutra.Embedder.Tokenization.Text;

namespace Sutra.Embedder.Tokenization.Splitting;

/// <summary>What becomes of the delimiters that a pattern found; of <c>the-final--countdown</c> at hyphens, say.</summary>
internal enum SplitBehaviour
{
    /// <summary><c>the final countdown</c></summary>
    Removed,

    /// <summary><c>the - final - - countdown</c></summary>
    Isolated,

    /// <summary><c>the- final- - countdown</c></summary>
    MergedWithPrevious,

    /// <summary><c>the -final - -countdown</c></summary>
    MergedWithNext,

    /// <summary><c>the - final -- countdown</c></summary>
    Contiguous,
}

internal static class SplitBehaviours
{
    /// <summary>Adds the pieces that <paramref name="parts"/>, which cover a text without gaps, make.</summary>
    public static void Apply(this SplitBehaviour behaviour, PartList parts, PieceList target)
    {
        switch (behaviour)
        {
            case SplitBehaviour.Removed:
            case SplitBehaviour.Isolated:
                for (var i = 0; i < parts.Count; i++)
                {
                    if (behaviour == SplitBehaviour.Isolated || !parts[i].IsMatch)
                    {
                        target.Add(parts[i].Start, parts[i].Stop);
                    }
                }

                break;
            case SplitBehaviour.MergedWithNext:
                MergeWithNext(parts, target);
                break;
            default:
                MergeWithPrevious(parts, target, behaviour == SplitBehaviour.Contiguous);
                break;
        }
    }

    private static void MergeWithPrevious(PartList parts, PieceList target, bool contiguous)
    {
        var (start, before) = (-1, false);
        for (var i = 0; i < parts.Count; i++)
        {
            var part = parts[i];
            var joins = start >= 0 && (contiguous ? part.IsMatch == before : part.IsMatch && !before);
            if (!joins)
            {
                if (start >= 0)
                {
                    target.Add(start, part.Start);
                }

                start = part.Start;
            }

            before = part.IsMatch;
        }

        if (start >= 0)
        {
            target.Add(start, parts[parts.Count - 1].Stop);
        }
    }

    private static void MergeWithNext(PartList parts, PieceList target)
    {
        // A delimiter begins a piece unless one is behind it: it then stands alone.
        for (var i = 0; i < parts.Count; i++)
        {
            var part = parts[i];
            if (part.IsMatch && i + 1 < parts.Count && !parts[i + 1].IsMatch)
            {
                target.Add(part.Start, parts[++i].Stop);
            }
            else
            {
                target.Add(part.Start, part.Stop);
            }
        }
    }
}
