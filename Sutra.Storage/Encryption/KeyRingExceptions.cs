namespace Sutra.Storage.Encryption;

/// <summary>The key ring cannot be opened as it is. The message is one line for a person and holds nothing secret.</summary>
public class KeyRingException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The master key that the ring is locked with was not given. Nothing was changed.</summary>
public sealed class WrongMasterKeyException(string message) : KeyRingException(message);

/// <summary>The ring's file is damaged in a way that an interrupted write cannot explain. Nothing was changed.</summary>
public sealed class KeyRingCorruptException(string message) : KeyRingException(message);

/// <summary>The ring takes no changes: a write or flush failed earlier. Keys it has go on sealing and opening.</summary>
public sealed class KeyRingUnavailableException(string message, Exception? inner = null) : KeyRingException(message, inner);

/// <summary>Something was to be sealed with a key that is destroyed or unknown.</summary>
public sealed class KeyNotUsableException(ulong keyId, KeyState state)
    : KeyRingException($"Key {keyId:x16} cannot seal: it is {(state == KeyState.Destroyed ? "destroyed" : "not in the ring")}.")
{
    public ulong KeyId => keyId;

    public KeyState State => state;
}
