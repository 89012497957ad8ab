namespace Sutra.Storage.Vectors;

/// <summary>A vector that cannot be indexed or searched for. The message names no values.</summary>
internal sealed class InvalidVectorException(VectorFault fault, string message) : ArgumentException(message)
{
    public VectorFault Fault { get; } = fault;
}

internal enum VectorFault
{
    WrongDimension,
    NotFinite,
    Zero,
}
