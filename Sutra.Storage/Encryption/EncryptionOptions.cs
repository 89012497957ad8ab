using Sutra.Storage.Encryption.Masters;

namespace Sutra.Storage.Encryption;

/// <summary>Configuration section <c>Storage:Encryption</c>. It names where master keys are; no setting holds one.</summary>
public sealed class EncryptionOptions
{
    public const string Section = "Storage:Encryption";

    /// <summary>off, content or full; default off.</summary>
    public EncryptionMode Mode { get; set; } = EncryptionMode.Off;

    /// <summary>Where the master key comes from: environment, file or service; default environment.</summary>
    public MasterKeyOrigin Source { get; set; } = MasterKeyOrigin.Environment;

    /// <summary>Environment variable with the current master key, base64 of 32 bytes; default SUTRA_MASTER_KEY.</summary>
    public string KeyVariable { get; set; } = "SUTRA_MASTER_KEY";

    /// <summary>Environment variables with older master keys, which only unlock; none by default.</summary>
    public IList<string> OlderKeyVariables { get; set; } = [];

    /// <summary>File with the current master key, 32 bytes or base64 of them, that only its owner may use. No default.</summary>
    public string KeyFile { get; set; } = "";

    /// <summary>Files with older master keys; none by default.</summary>
    public IList<string> OlderKeyFiles { get; set; } = [];

    /// <summary>Name of the current master key in the key service. No default.</summary>
    public string KeyName { get; set; } = "";

    /// <summary>Names of older master keys in the key service; none by default.</summary>
    public IList<string> OlderKeyNames { get; set; } = [];

    /// <summary>The master keys that the settings name, read now.</summary>
    /// <param name="service">The key service, for <see cref="MasterKeyOrigin.Service"/>.</param>
    /// <exception cref="MasterKeyException">One cannot be had.</exception>
    public IMasterKeySource OpenMasterKeys(IKeyService? service = null) => Source switch
    {
        MasterKeyOrigin.Service => new KeyServiceSource(service ?? throw new MasterKeyException("Storage:Encryption:Source is service, and no key service is registered."), KeyName, OlderKeyNames),
        MasterKeyOrigin.File => MasterKeyReader.ReadAll(MasterKeyReader.FromFile, KeyFile, OlderKeyFiles),
        _ => MasterKeyReader.ReadAll(MasterKeyReader.FromEnvironment, KeyVariable, OlderKeyVariables),
    };
}

public enum MasterKeyOrigin
{
    Environment,
    File,
    Service,
}
