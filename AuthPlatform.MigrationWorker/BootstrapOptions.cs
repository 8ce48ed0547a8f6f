using System.ComponentModel.DataAnnotations;
using AuthPlatform.Data.Auth;

namespace AuthPlatform.MigrationWorker;

/// <summary>The application that exists from the start, section <c>Bootstrap</c>. The messages never quote the secret.</summary>
internal sealed class BootstrapOptions
{
    public const string Section = "Bootstrap";

    /// <summary>Its <c>client_id</c>.</summary>
    [Required(ErrorMessage = "Bootstrap__ClientId is missing: it names the first application.")]
    [RegularExpression("[A-Za-z0-9_-]{1,64}", ErrorMessage = "Bootstrap__ClientId must be 1 to 64 letters, digits, '_' or '-'.")]
    public string ClientId { get; set; } = "";

    /// <summary>The application of the older service, if the variables of that service name one: when it is made, it is what its clients know. Empty by default.</summary>
    public string OldClientId { get; set; } = "";

    /// <summary>The secret it signs with. Changing it here adds it there at the next start; one that administrators took out there stays out.</summary>
    [Required(ErrorMessage = "Bootstrap__ClientSecret is missing: the first application signs with it.")]
    [RegularExpression("[!-~]{32,128}", ErrorMessage = "Bootstrap__ClientSecret must be 32 to 128 printable ASCII characters without spaces.")]
    public string ClientSecret { get; set; } = "";

    /// <summary>Lifetime of its access tokens when it is made; later it is the administrators' to change. Default 300.</summary>
    [Range(60, TokenLimits.LongestAccessSeconds, ErrorMessage = "Bootstrap__AccessLifetimeSeconds must be a number from {1} to {2}.")]
    public int AccessLifetimeSeconds { get; set; } = 300;

    /// <summary>After how long its unused sessions end, when it is made. Default 7 days.</summary>
    [Range(60, 366 * 86_400, ErrorMessage = "Bootstrap__RefreshIdleSeconds must be a number from 60 to 31622400.")]
    public int RefreshIdleSeconds { get; set; } = 7 * 86_400;
}
