using System.ComponentModel.DataAnnotations;
using Sutra.Embedder.Inference;
using Sutra.ServiceDefaults.Startup;

namespace Sutra.Embedder.Serving;

/// <summary>Which models are held, and where they run. Section <c>Embedder</c>; the variables of the two first ones win.</summary>
public sealed class ServingOptions
{
    public const string HardwareVariable = "HARDWARE_PROFILE";
    public const string CacheSizeVariable = "MODEL_CACHE_SIZE";

    /// <summary>Where models run; default: on a GPU if there is one. Variable <c>HARDWARE_PROFILE</c>.</summary>
    public HardwareProfile HardwareProfile { get; set; } = HardwareProfile.Auto;

    /// <summary>
    /// Most bytes of models in memory, e.g. <c>2GB</c> or <c>512MiB</c>; the one used longest ago leaves first, the default model
    /// never. Default 2 GiB. Variable <c>MODEL_CACHE_SIZE</c>.
    /// </summary>
    [RegularExpression(@"^\s*\d{1,15}\s*([kKmMgGtT]?[iI]?[bB])?\s*$", ErrorMessage = "MODEL_CACHE_SIZE must be a size such as 2GB or 512MiB.")]
    public string ModelCacheSize { get; set; } = "2GiB";

    /// <summary>A model that could not be loaded is not tried again for this long; default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00", ErrorMessage = "Embedder:ModelRetry must be 10 ms to 1 hour.")]
    public TimeSpan ModelRetry { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The variables that deployments set are not in a section.</summary>
    internal static void ReadVariables(ServingOptions options, IConfiguration configuration)
    {
        if (configuration[HardwareVariable] is { Length: > 0 } hardware)
        {
            options.HardwareProfile = Enum.TryParse<HardwareProfile>(hardware, ignoreCase: true, out var profile) && Enum.IsDefined(profile) && !char.IsAsciiDigit(hardware[0])
                ? profile
                : throw new StartupException($"{HardwareVariable} is '{hardware}'; it must be auto, cpu or gpu.");
        }

        if (configuration[CacheSizeVariable] is { Length: > 0 } size)
        {
            options.ModelCacheSize = size;
        }
    }
}
