using Sutra.Storage.Filtering;

namespace Sutra.Storage.Segments;

/// <summary>Checks where the rows of parts go when they become one: inside of it, and each to a place of its own.</summary>
/// <param name="rows">Rows of what they become.</param>
internal sealed class RowTargets(int rows)
{
    private readonly ulong[] _taken = new ulong[RowBits.Words((uint)rows)];

    /// <summary>Nothing is left that no row went to.</summary>
    public bool AllTaken => RowBits.Count(_taken) == rows;

    /// <summary>Before the rows of a part.</summary>
    /// <param name="map">For each of its rows where it goes, or -1 if it is gone. Null: each stays where it is.</param>
    /// <param name="partRows">Rows of it.</param>
    /// <exception cref="ArgumentException">The map is too short.</exception>
    public void Begin(int[]? map, long partRows)
    {
        if ((map?.Length ?? rows) < partRows)
        {
            throw new ArgumentException("The map has fewer rows than the part.", nameof(map));
        }
    }

    /// <returns>Where a row of the part goes; below 0 if it is gone.</returns>
    /// <exception cref="ArgumentException">It goes beyond the end, or to where another one went.</exception>
    public int Take(int[]? map, int row)
    {
        var to = map is null ? row : map[row];
        if (to >= rows || (to >= 0 && RowBits.Contains(_taken, (uint)to)))
        {
            throw new ArgumentException("The map names a row beyond the end, or one twice.", nameof(map));
        }

        if (to >= 0)
        {
            RowBits.Add(_taken, (uint)to);
        }

        return to;
    }
}
