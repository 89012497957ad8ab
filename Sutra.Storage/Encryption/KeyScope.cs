namespace Sutra.Storage.Encryption;

public enum KeyKind : byte
{
    /// <summary>What belongs to a collection and to no person in particular.</summary>
    Collection = 1,

    /// <summary>The concepts of one data subject in one collection.</summary>
    Subject = 2,

    /// <summary>One file of derived data (a segment's vectors, links, postings): destroyed when the file is retired.</summary>
    File = 3,
}

/// <summary>What a data key is for. On the disk it is a keyed hash; its text is in no file, log line or message.</summary>
public readonly record struct KeyScope
{
    private KeyScope(KeyKind kind, string collection, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(collection);
        Kind = kind;
        Collection = collection;
        Name = name;
    }

    public KeyKind Kind { get; }

    public string Collection { get; }

    /// <summary>The subject or the file; empty for a collection's own key.</summary>
    public string Name { get; }

    public static KeyScope ForCollection(string collection) => new(KeyKind.Collection, collection, "");

    public static KeyScope ForSubject(string collection, string subject)
    {
        ArgumentException.ThrowIfNullOrEmpty(subject);
        return new KeyScope(KeyKind.Subject, collection, subject);
    }

    public static KeyScope ForFile(string collection, Guid file) => new(KeyKind.File, collection, file.ToString("N"));

    /// <summary>The kind only: subjects are people.</summary>
    public override string ToString() => Kind.ToString();
}
