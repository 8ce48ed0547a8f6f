using AuthPlatform.Contracts.Addresses;

namespace AuthPlatform.AdminWeb.Audit;

/// <summary>The address of whoever sends a request, as the audit has it and as it is looked for there.</summary>
internal static class CallerAddressExtensions
{
    /// <summary>An IPv4 caller is one on a dual-stack socket, too; null where there is no connection.</summary>
    public static string? CallerAddress(this HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address ? IpAddressText.Unmap(address).ToString() : null;
}
