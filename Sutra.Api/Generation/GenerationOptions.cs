using System.ComponentModel.DataAnnotations;

namespace Sutra.Api.Generation;

/// <summary>Configuration section <c>Generation</c>: the language model that may write answers. Without an endpoint there is none.</summary>
public sealed class GenerationOptions : IValidatableObject
{
    public const string Section = "Generation";

    /// <summary>Base address of an OpenAI-compatible API, such as <c>https://host/v1</c>; no default.</summary>
    public string? Endpoint { get; set; }

    /// <summary>The model's name there; required with an endpoint.</summary>
    public string? Model { get; set; }

    /// <summary>Sent as a bearer token; a secret. Some endpoints need none.</summary>
    public string? ApiKey { get; set; }

    /// <summary>How long the model may take for a whole answer; then the extractive one is given. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00", ErrorMessage = "Generation:Timeout must be from 100 ms to 5 minutes.")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Most evidence that the model is given, best first; default 8. What a question was answered with is among it.</summary>
    [Range(1, 20, ErrorMessage = "Generation:MaxEvidence must be from 1 to 20.")]
    public int MaxEvidence { get; set; } = 8;

    /// <summary>Most tokens that the model may write; default 512.</summary>
    [Range(16, 4096, ErrorMessage = "Generation:MaxOutputTokens must be from 16 to 4096.")]
    public int MaxOutputTokens { get; set; } = 512;

    /// <summary>Default 0. Empty: it is not sent, for models that refuse it.</summary>
    [Range(0.0, 2.0, ErrorMessage = "Generation:Temperature must be from 0 to 2, or empty.")]
    public float? Temperature { get; set; } = 0;

    public bool IsConfigured => !string.IsNullOrWhiteSpace(Endpoint);

    /// <summary>Null when <see cref="Endpoint"/> is none.</summary>
    internal Uri? Address => Uri.TryCreate(Endpoint, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.UserInfo.Length == 0 ? address : null;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!IsConfigured)
        {
            if (!string.IsNullOrWhiteSpace(Model) || !string.IsNullOrWhiteSpace(ApiKey))
            {
                yield return new ValidationResult("Generation:Endpoint is missing: Generation:Model or Generation:ApiKey is set.", [nameof(Endpoint)]);
            }

            yield break;
        }

        if (Address is null)
        {
            yield return new ValidationResult("Generation:Endpoint must be an absolute http or https address without a user name.", [nameof(Endpoint)]);
        }

        if (string.IsNullOrWhiteSpace(Model))
        {
            yield return new ValidationResult("Generation:Model is missing: Generation:Endpoint is set.", [nameof(Model)]);
        }
    }
}
