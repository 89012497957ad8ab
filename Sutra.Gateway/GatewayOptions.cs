using System.ComponentModel.DataAnnotations;
using Sutra.Contracts.Concepts;

namespace Sutra.Gateway;

/// <summary>Configuration section <c>Gateway</c>; validated at start.</summary>
public sealed class GatewayOptions : IValidatableObject
{
    public const string Section = "Gateway";

    /// <summary>File that keeps the API keys' hashes (never the keys); no default. Made, with one key, when it is missing at start.</summary>
    [Required(ErrorMessage = "Gateway:KeysPath is missing: the file that keeps the API keys' hashes.")]
    public string KeysPath { get; set; } = "";

    /// <summary>File that receives the first key's plain text, readable by its owner only; no default.</summary>
    [Required(ErrorMessage = "Gateway:FirstKeyPath is missing: the file that receives the first API key.")]
    public string FirstKeyPath { get; set; } = "";

    /// <summary>Where clients reach this gateway, as printed and as used to decide on HSTS; default <c>http://localhost:8080</c>.</summary>
    public Uri PublicUrl { get; set; } = new("http://localhost:8080");

    /// <summary>
    /// Largest request body in bytes, larger ones get 413; default 8 MiB, which is what the api takes: the largest
    /// concept with every byte of it a six-byte JSON escape.
    /// </summary>
    [Range(1024, 1L << 30, ErrorMessage = "Gateway:MaxBodyBytes must be from 1024 to 1073741824.")]
    public long MaxBodyBytes { get; set; } = ConceptLimits.RequestBody;

    /// <summary>How long connecting to a service may take; default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:05:00", ErrorMessage = "Gateway:ConnectTimeout must be from 10 ms to 5 minutes.")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a request may stand still (nothing sent, nothing received) before it ends with 504; default 60 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00", ErrorMessage = "Gateway:ActivityTimeout must be from 10 ms to 1 hour.")]
    public TimeSpan ActivityTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long <c>/health</c> waits for the api; default 1.5 s, so that a probe with a limit of 2 s gets an answer.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00", ErrorMessage = "Gateway:HealthTimeout must be from 10 ms to 1 minute.")]
    public TimeSpan HealthTimeout { get; set; } = TimeSpan.FromSeconds(1.5);

    /// <summary>What <c>Retry-After</c> says when a service cannot be reached; default 2 s, about what a restart takes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "Gateway:RetryAfter must be from 1 s to 1 hour.")]
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(2);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!PublicUrl.IsAbsoluteUri || (PublicUrl.Scheme != Uri.UriSchemeHttp && PublicUrl.Scheme != Uri.UriSchemeHttps))
        {
            yield return new ValidationResult($"Gateway:PublicUrl must be an absolute http or https address, not '{PublicUrl}'.");
        }

        if (KeysPath.Length > 0 && FirstKeyPath.Length > 0 && Path.GetFullPath(KeysPath) == Path.GetFullPath(FirstKeyPath))
        {
            yield return new ValidationResult("Gateway:KeysPath and Gateway:FirstKeyPath must be two different files.");
        }
    }
}
