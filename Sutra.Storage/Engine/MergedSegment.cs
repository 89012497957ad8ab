using Sutra.Storage.Segments;

namespace Sutra.Storage.Engine;

/// <summary>A segment made of others, and where each of their rows went.</summary>
/// <param name="Inputs">What it takes the place of.</param>
/// <param name="Output">Null when nothing in them was alive.</param>
/// <param name="NewRows">Of each input, by row; -1 for rows that were dead.</param>
/// <param name="RewriteMarks">Of each input, before it was read.</param>
internal sealed record MergedSegment(IReadOnlyList<Segment> Inputs, Segment? Output, IReadOnlyList<int[]> NewRows, IReadOnlyList<int> RewriteMarks)
{
    /// <summary>Removes from it what was removed from its inputs since they were read. May be called again.</summary>
    public void CarryDeaths()
    {
        for (var i = 0; i < Inputs.Count; i++)
        {
            for (uint row = 0; row < Inputs[i].Rows; row++)
            {
                if (NewRows[i][row] >= 0 && Inputs[i].Died(row) is var died && died != DeadRows.Never)
                {
                    Output!.Remove((uint)NewRows[i][row], died);
                }
            }

            if (Inputs[i].RewriteMarks > RewriteMarks[i])
            {
                Output?.MarkForRewriting();
            }
        }
    }

    /// <summary>The segments after it took the place of its inputs.</summary>
    public IReadOnlyList<Segment> Apply(IReadOnlyList<Segment> segments) =>
        [.. Output is null ? [] : new[] { Output }, .. segments.Where(segment => !Inputs.Contains(segment))];
}
