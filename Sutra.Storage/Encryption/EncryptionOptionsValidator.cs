using Microsoft.Extensions.Options;

namespace Sutra.Storage.Encryption;

/// <summary>Whether the settings can be meant; whether the keys they name are there is found when they are read.</summary>
public sealed class EncryptionOptionsValidator : IValidateOptions<EncryptionOptions>
{
    public ValidateOptionsResult Validate(string? name, EncryptionOptions options)
    {
        var failures = new List<string>();
        if (!Enum.IsDefined(options.Mode))
        {
            failures.Add($"{EncryptionOptions.Section}:Mode must be off, content or full.");
        }

        if (!Enum.IsDefined(options.Source))
        {
            failures.Add($"{EncryptionOptions.Section}:Source must be environment, file or service.");
        }

        if (options.Mode != EncryptionMode.Off)
        {
            var (setting, value, older) = options.Source switch
            {
                MasterKeyOrigin.File => (nameof(options.KeyFile), options.KeyFile, options.OlderKeyFiles),
                MasterKeyOrigin.Service => (nameof(options.KeyName), options.KeyName, options.OlderKeyNames),
                _ => (nameof(options.KeyVariable), options.KeyVariable, options.OlderKeyVariables),
            };
            if (string.IsNullOrWhiteSpace(value))
            {
                failures.Add($"{EncryptionOptions.Section}:{setting} is empty: it must name the master key.");
            }

            if (older.Any(string.IsNullOrWhiteSpace))
            {
                failures.Add($"{EncryptionOptions.Section}:Older{setting}s has an empty entry.");
            }
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
