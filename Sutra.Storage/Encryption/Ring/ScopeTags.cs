namespace Sutra.Storage.Encryption.Ring;

/// <summary>What a scope is on the disk: a keyed hash of the collection's name and one of the subject's or file's (0 for neither).</summary>
internal readonly record struct ScopeTags(KeyKind Kind, UInt128 Collection, UInt128 Name)
{
    // Both are outputs of one keyed function (the kind is part of its input), so the sums of different pairs meet by chance only.
    public UInt128 Key => Collection ^ Name;
}
