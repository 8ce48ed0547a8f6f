using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.TokenApi.Requests;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>
/// The members <c>unique_key</c>, <c>device</c> and <c>ip</c> of a request: the application's name for the end user, and where that one is, asserted by the application; never the
/// connection's.
/// </summary>
internal static class UserPlaceRequest
{
    /// <summary>The user and the place; or no user and which member is wrong.</summary>
    public static (string? UniqueKey, string Device, string Ip, Problem? Problem) ParseUser(SignedRequest request)
    {
        if (request.OptionalString("unique_key"u8) is not { Length: > 0 } uniqueKey)
        {
            return (null, string.Empty, string.Empty, RequestProblems.Invalid("Missing unique_key"));
        }

        if (SessionLimits.Characters(uniqueKey) > SessionLimits.UniqueKey)
        {
            return (null, string.Empty, string.Empty, RequestProblems.Invalid($"unique_key must be at most {SessionLimits.UniqueKey} characters"));
        }

        var (device, ip, problem) = Parse(request);
        return (problem is null ? uniqueKey : null, device, ip, problem);
    }

    /// <summary>The place: both, empty when absent, the address in its canonical form; or which of them is wrong.</summary>
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
