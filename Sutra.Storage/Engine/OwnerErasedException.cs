namespace Sutra.Storage.Engine;

/// <summary>The owner's concepts are being erased: what is learned for them meanwhile would be neither kept nor gone. Nothing was changed; later it can be.</summary>
public sealed class OwnerErasedException() : Exception("The owner's concepts are being erased; try again.");
