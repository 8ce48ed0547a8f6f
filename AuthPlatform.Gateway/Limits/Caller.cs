using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using AuthPlatform.Contracts.Signing;

namespace AuthPlatform.Gateway.Limits;

/// <summary>Whom a request is counted for.</summary>
/// <param name="Network">The IPv4 address, or the /64 of an IPv6 address.</param>
/// <param name="ClientId">Whom the caller says to be; empty when it does not.</param>
internal readonly record struct Caller(ulong Network, string ClientId)
{
    private const int LongestClientId = 64;

    public static Caller Of(HttpContext context) => new(NetworkOf(context.Connection.RemoteIpAddress), ClientIdOf(context.Request));

    internal static ulong NetworkOf(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (address is null || !address.MapToIPv6().TryWriteBytes(bytes, out _))
        {
            return 0;
        }

        // ::ffff:0:0/96 holds no IPv6 caller's network, so the two kinds cannot meet.
        return address.AddressFamily == AddressFamily.InterNetwork || address.IsIPv4MappedToIPv6
            ? 0xFFFF_0000_0000UL | BinaryPrimitives.ReadUInt32BigEndian(bytes[12..])
            : BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }

    private static string ClientIdOf(HttpRequest request)
    {
        var claimed = request.Headers[SigningHeaders.ClientId];
        var clientId = claimed.Count == 1 ? claimed[0]! : BasicUser(request.Headers.Authorization.ToString());
        return clientId.Length <= LongestClientId ? clientId : "";
    }

    private static string BasicUser(string authorization)
    {
        const string Scheme = "Basic ";
        // An id and a secret of the longest kind, each character percent-encoded, in base64.
        Span<byte> credentials = stackalloc byte[1024];
        if (!authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || !Convert.TryFromBase64String(authorization[Scheme.Length..], credentials, out var length))
        {
            return "";
        }

        var colon = credentials[..length].IndexOf((byte)':');
        return colon < 0 ? "" : Encoding.UTF8.GetString(credentials[..colon]);
    }
}
