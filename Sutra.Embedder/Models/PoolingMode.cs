namespace Sutra.Embedder.Models;

/// <summary>How one vector is made of a text's token vectors.</summary>
public enum PoolingMode
{
    /// <summary>Mean over the real tokens.</summary>
    Mean,

    /// <summary>The first token's vector.</summary>
    FirstToken,

    /// <summary>The last real token's vector, padding left out.</summary>
    LastToken,
}
