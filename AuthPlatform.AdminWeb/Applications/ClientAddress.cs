namespace AuthPlatform.AdminWeb.Applications;

/// <summary>Where clients reach the platform: the public address as the Token API has it, with its path if there is one. It is that of these pages unless another is set.</summary>
/// <param name="configured">The setting of the Token API; null or empty where it is not given.</param>
/// <param name="pages">Have the address of these pages, which has no path.</param>
internal sealed class ClientAddress(string? configured, AdminOptions pages)
{
    public Uri Url { get; } = new(string.IsNullOrEmpty(configured) ? pages.PublicUrl : configured);
}
