namespace Sutra.Embedder.Pipeline;

/// <summary>A call cannot be answered as it was put; the message says why and repeats nothing of the texts.</summary>
/// <param name="parameter">The member of <see cref="EmbeddingCall"/> that is wrong.</param>
/// <param name="reason">For whoever called.</param>
internal sealed class CallException(string parameter, string reason) : Exception(reason)
{
    public string Parameter { get; } = parameter;
}
