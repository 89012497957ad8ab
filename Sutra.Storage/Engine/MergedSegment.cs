using Sutra.Storage.Segments;

namespace Sutra.Storage.Engine;

/// <summary>A segment made of others.</summary>
/// <param name="NewRows">Of each of those, by row, where it went; -1 for rows that were dead, or went into another one.</param>
internal sealed record MergedRows(Segment Segment, IReadOnlyList<int[]> NewRows);

/// <summary>What was made of segments, and where each of their rows went.</summary>
/// <param name="Inputs">What it takes the place of.</param>
/// <param name="Outputs">One; none when nothing in them was alive; several when one was too large.</param>
/// <param name="RewriteMarks">Of each input, before it was read.</param>
internal sealed record MergedSegment(IReadOnlyList<Segment> Inputs, IReadOnlyList<MergedRows> Outputs, IReadOnlyList<int> RewriteMarks)
{
    /// <summary>Removes from it what was removed from its inputs since they were read. May be called again.</summary>
    public void CarryDeaths()
    {
        foreach (var output in Outputs)
        {
            for (var i = 0; i < Inputs.Count; i++)
            {
                CarryDeaths(Inputs[i], output.NewRows[i], output.Segment);
                if (Inputs[i].RewriteMarks > RewriteMarks[i])
                {
                    output.Segment.MarkForRewriting();
                }
            }
        }
    }

    /// <summary>The segments after it took the place of its inputs.</summary>
    public IReadOnlyList<Segment> Apply(IReadOnlyList<Segment> segments) =>
        [.. Outputs.Select(output => output.Segment), .. segments.Where(segment => !Inputs.Contains(segment))];

    private static void CarryDeaths(Segment input, int[] newRows, Segment output)
    {
        for (uint row = 0; row < input.Rows; row++)
        {
            if (newRows[row] >= 0 && input.Died(row) is var died && died != DeadRows.Never)
            {
                output.Remove((uint)newRows[row], died);
            }
        }
    }
}
