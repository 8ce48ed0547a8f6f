using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.TokenApi.Requests;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>The members <c>device</c> and <c>ip</c> of a request: where the end user is, asserted by the application; never the connection's.</summary>
internal static class UserPlaceRequest
{
    /// <summary>Both, empty when absent, the address in its canonical form; or which of them is wrong.</summary>
    public static (string Device, string Ip, Problem? Problem) Parse(SignedRequest request)
    {
        if (request.OptionalString("device"u8) is not { } device || SessionLimits.Characters(device) > SessionLimits.Device)
        {
            return (string.Empty, string.Empty, RequestProblems.Invalid($"device must be a string of at most {SessionLimits.Device} characters"));
        }

        return request.OptionalString("ip"u8) is { } ip && (ip.Length == 0 ? ip : IpAddressText.Canonical(ip)) is { } canonical
            ? (device, canonical, null)
            : (string.Empty, string.Empty, RequestProblems.Invalid("ip must be an IPv4 or IPv6 address, or empty"));
    }
}
