namespace Sutra.Embedder.PostProcessing;

/// <summary>What a vector's components are given as.</summary>
public enum VectorType
{
    /// <summary>As the model gives them: unit length (L2).</summary>
    Float32,

    /// <summary>−127 to 127: each component times 127 over the vector's largest magnitude. Cosines stay what they were but for rounding.</summary>
    Int8,

    /// <summary><see cref="Int8"/> plus 128: 1 to 255.</summary>
    UInt8,

    /// <summary>The sign bits, eight to a byte, the first component in the highest bit, as signed bytes (the byte less 128).</summary>
    Binary,

    /// <summary>The sign bits, eight to a byte, the first component in the highest bit.</summary>
    UBinary,
}
