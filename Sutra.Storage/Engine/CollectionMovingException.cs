namespace Sutra.Storage.Engine;

/// <summary>What is asked for is to be asked again, of whatever has the collection's name by then: it is about to get another body, or has got it.</summary>
/// <param name="until">Ends when it is decided.</param>
public sealed class CollectionMovingException(Task until) : Exception("The collection is moving.")
{
    public Task Until { get; } = until;
}
