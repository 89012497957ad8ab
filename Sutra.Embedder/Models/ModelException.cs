namespace Sutra.Embedder.Models;

/// <summary>A model folder cannot be served; the message names the file and what is wrong with it.</summary>
public sealed class ModelException : Exception
{
    public ModelException(string message)
        : base(message)
    {
    }

    public ModelException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
