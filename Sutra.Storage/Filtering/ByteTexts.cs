namespace Sutra.Storage.Filtering;

/// <summary>Compares UTF-8 texts that are keys of tables, and looks them up without a copy.</summary>
internal sealed class ByteTexts : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    public static ByteTexts Comparer { get; } = new();

    public bool Equals(byte[]? left, byte[]? right) => left.AsSpan().SequenceEqual(right);

    public int GetHashCode(byte[] text) => GetHashCode(text.AsSpan());

    public bool Equals(ReadOnlySpan<byte> text, byte[] other) => text.SequenceEqual(other);

    public int GetHashCode(ReadOnlySpan<byte> text)
    {
        // With its random seed: values are chosen by whoever learns.
        var hash = new HashCode();
        hash.AddBytes(text);
        return hash.ToHashCode();
    }

    public byte[] Create(ReadOnlySpan<byte> text) => text.ToArray();
}
