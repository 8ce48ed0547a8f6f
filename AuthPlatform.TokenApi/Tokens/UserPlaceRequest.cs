using AuthPlatform.Contracts;
using AuthPlatform.TokenApi.Requests;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>The members <c>device</c> and <c>ip</c> of a request: where the end user is, asserted by the application; never the connection's.</summary>
internal static class UserPlaceRequest
{
    private const int MaxDevice = 512;

    /// <summary>Both, empty when absent, the address in its canonical form; or which of them is wrong.</summary>
    public static (string Device, string Ip, Problem? Problem) Parse(SignedRequest request)
    {
        if (request.OptionalString("device"u8) is not { } device || Characters(device) > MaxDevice)
        {
            return (string.Empty, string.Empty, RequestProblems.Invalid($"device must be a string of at most {MaxDevice} characters"));
        }

        return request.OptionalString("ip"u8) is { } ip && (ip.Length == 0 ? ip : IpAddressText.Canonical(ip)) is { } canonical
            ? (device, canonical, null)
            : (string.Empty, string.Empty, RequestProblems.Invalid("ip must be an IPv4 or IPv6 address, or empty"));
    }

    /// <summary>Unicode code points, as Postgres and Python count.</summary>
    public static int Characters(string text)
    {
        var count = 0;
        foreach (var _ in text.EnumerateRunes())
        {
            count++;
        }

        return count;
    }
}
