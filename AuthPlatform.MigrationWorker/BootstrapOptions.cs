using System.ComponentModel.DataAnnotations;

namespace AuthPlatform.MigrationWorker;

/// <summary>The application that exists from the start, section <c>Bootstrap</c>. The messages never quote the secret.</summary>
internal sealed class BootstrapOptions
{
    public const string Section = "Bootstrap";

    /// <summary>Its <c>client_id</c>.</summary>
    [Required(ErrorMessage = "Bootstrap__ClientId is missing: it names the first application.")]
    [RegularExpression("[A-Za-z0-9_-]{1,64}", ErrorMessage = "Bootstrap__ClientId must be 1 to 64 letters, digits, '_' or '-'.")]
    public string ClientId { get; set; } = "";

    /// <summary>The secret it signs with. Changing it here changes it there at the next start.</summary>
    [Required(ErrorMessage = "Bootstrap__ClientSecret is missing: the first application signs with it.")]
    [RegularExpression("[!-~]{32,128}", ErrorMessage = "Bootstrap__ClientSecret must be 32 to 128 printable ASCII characters without spaces.")]
    public string ClientSecret { get; set; } = "";
}
