namespace Sutra.Embedder.Tokenization.Splitting.Automata;

/// <summary>A regular expression as a tree, as far as an automaton can follow it.</summary>
internal abstract record PatternNode
{
    /// <summary>Whether it matches where there is nothing.</summary>
    public abstract bool IsNullable { get; }
}

/// <summary>One character of a set.</summary>
/// <param name="Expression">The set as a regular expression of its own: <c>\p{L}</c>, <c>[^\s]</c>, <c>(?i:s)</c>.</param>
internal sealed record SetNode(string Expression) : PatternNode
{
    public override bool IsNullable => false;
}

internal sealed record SequenceNode(IReadOnlyList<PatternNode> Items) : PatternNode
{
    public override bool IsNullable => Items.All(item => item.IsNullable);
}

/// <summary>The first that leads to a match counts.</summary>
internal sealed record AlternativesNode(IReadOnlyList<PatternNode> Items) : PatternNode
{
    public override bool IsNullable => Items.Any(item => item.IsNullable);
}

/// <summary>As often as possible, <see cref="Min"/> times at least.</summary>
/// <param name="Max">Null: without end.</param>
internal sealed record RepeatNode(PatternNode Item, int Min, int? Max) : PatternNode
{
    public override bool IsNullable => Min == 0 || Item.IsNullable;
}
