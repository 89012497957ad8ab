using System.ComponentModel.DataAnnotations;

namespace Sutra.Contracts.Identity;

/// <summary>Configuration section <c>Identity</c>: how services know who is calling.</summary>
public sealed class InternalIdentityOptions
{
    public const string Section = "Identity";

    /// <summary>Secret that the gateway signs with and the services verify with; at least 32 characters; no default.</summary>
    [Required(ErrorMessage = "Identity:Key is missing: the secret, shared by all services, that signs internal tokens.")]
    [MinLength(32, ErrorMessage = "Identity:Key is too short: it needs at least 32 characters.")]
    public string Key { get; set; } = "";

    /// <summary>How long a token is good for; default one minute.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromMinutes(1);
}
