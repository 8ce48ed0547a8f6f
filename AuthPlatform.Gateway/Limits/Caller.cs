using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using AuthPlatform.Contracts;
using AuthPlatform.Contracts.Signing;

namespace AuthPlatform.Gateway.Limits;

/// <summary>Whom a request is counted for.</summary>
/// <param name="Network">The IPv4 address, or the /64 of an IPv6 address.</param>
/// <param name="ClientId">Whom the caller says to be; empty when it does not, and <see cref="NoApplication"/> when it can be no application.</param>
internal readonly record struct Caller(ulong Network, string ClientId)
{
    /// <summary>All who name what can be no application: each spelling by itself would have limits of its own, and there is no end of spellings.</summary>
    public const string NoApplication = "?";

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
        // Spaces around it, which HTTP/2 may let through, are gone when the service behind reads it.
        var clientId = claimed.Count > 0 ? claimed.ToString().Trim() : BasicUser(request.Headers.Authorization.ToString());
        return clientId is null ? "" : Contracts.ClientId.IsWellFormed(clientId) ? clientId : NoApplication;
    }

    /// <summary>The id as the service behind reads it: it may be spelt in many ways. Null when there are no such credentials, empty when nobody can read them.</summary>
    private static string? BasicUser(string authorization)
    {
        const string Scheme = "Basic ";
        if (!authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        // An id and a secret of the longest kind, each character percent-encoded, in base64.
        Span<byte> credentials = stackalloc byte[1024];
        return Convert.TryFromBase64String(authorization[Scheme.Length..], credentials, out var length) && credentials[..length].IndexOf((byte)':') is >= 0 and var colon
            ? FormText.Decode(credentials[..colon]) ?? ""
            : "";
    }
}
