namespace Sutra.Embedder.Tokenization.Vocabularies;

/// <summary>The best way to each place of a word, and the tokens of the way to its end. Used again for the next word.</summary>
internal sealed class UnigramPath
{
    private const int KeepAtMost = 1 << 16;

    private Node[] _nodes = new Node[64];

    /// <summary>Tokens found from the end: places in the word, and ids.</summary>
    public List<(int Start, int Stop, bool Unknown)> Tokens { get; } = [];

    public Span<Node> Clear(int length)
    {
        Tokens.Clear();
        if (_nodes.Length < length + 1 || (_nodes.Length > KeepAtMost && length < KeepAtMost))
        {
            _nodes = new Node[Math.Max(64, length + 1)];
        }

        var nodes = _nodes.AsSpan(0, length + 1);
        nodes.Fill(new Node { Start = -1 });
        nodes[0] = new Node { Start = 0 };
        return nodes;
    }

    public struct Node
    {
        /// <summary>Sum of the scores of the best tokens up to here.</summary>
        public double Score;

        /// <summary>Where the last of them begins; -1: no way leads here.</summary>
        public int Start;

        public int Id;
    }
}
