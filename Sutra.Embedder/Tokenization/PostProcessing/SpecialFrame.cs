namespace Sutra.Embedder.Tokenization.PostProcessing;

/// <summary>The special tokens that a file's template puts before and behind a text.</summary>
internal sealed class SpecialFrame(int[] prefix, int[] suffix)
{
    public static SpecialFrame None { get; } = new([], []);

    public IReadOnlyList<int> Prefix => prefix;

    public IReadOnlyList<int> Suffix => suffix;

    public int Count => prefix.Length + suffix.Length;

    /// <summary>Begins a text: returns how many tokens it may have between the special ones.</summary>
    public int Open(int maxTokens, TokenBuffer tokens, bool add)
    {
        var room = add ? maxTokens - Count : maxTokens;
        ArgumentOutOfRangeException.ThrowIfNegative(room, nameof(maxTokens));
        if (add)
        {
            tokens.Add(prefix);
        }

        return room;
    }

    /// <summary>Ends the text that was begun when the buffer held <paramref name="start"/> tokens: cuts it to <paramref name="room"/>.</summary>
    public TokenRange Close(int start, int room, TokenBuffer tokens, TruncationSide side, bool add)
    {
        var first = start + (add ? prefix.Length : 0);
        var excess = tokens.Count - first - room;
        if (excess > 0)
        {
            if (side == TruncationSide.Left)
            {
                tokens.Remove(first, excess);
            }

            tokens.CutTo(first + room);
        }

        if (add)
        {
            tokens.Add(suffix);
        }

        return new TokenRange(start, tokens.Count - start, excess > 0);
    }

    /// <summary>Appends ids that were made elsewhere, with or without the special tokens.</summary>
    public TokenRange Encode(ReadOnlySpan<int> ids, int maxTokens, TokenBuffer tokens, TruncationSide side)
    {
        if (Count > 0 && ids.Length >= Count && ids.StartsWith(prefix) && ids.EndsWith(suffix))
        {
            ids = ids[prefix.Length..^suffix.Length];
        }

        var start = tokens.Count;
        var room = Open(maxTokens, tokens, add: true);
        if (ids.Length > room)
        {
            // One more than fits tells that it was cut.
            ids = side == TruncationSide.Left ? ids[^(room + 1)..] : ids[..(room + 1)];
        }

        tokens.Add(ids);
        return Close(start, room, tokens, side, add: true);
    }
}
