namespace Sutra.Storage.Collections;

/// <summary>There is no collection of this name, or no such alias.</summary>
public sealed class CollectionNotFoundException() : Exception("There is no such collection.");

/// <summary>What is asked for is at odds with the collections there are. The message is one line for whoever asked.</summary>
public class CollectionConflictException(string message) : Exception(message);

/// <summary>A collection or an alias has the name already.</summary>
public sealed class CollectionExistsException() : CollectionConflictException("There is a collection or an alias of this name.");

/// <summary>The catalog of collections is not what was written, or it and the folders of collections are not of the same time.</summary>
public sealed class CatalogCorruptException(string message) : Exception(message);
