using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace AuthPlatform.Contracts.Addresses;

/// <summary>
/// IP addresses as text in their plain spelling. The framework's parser also takes <c>1</c>, <c>0x7f.1</c>, octal, brackets, ports and zones, which two
/// readers understand differently; those are refused here.
/// </summary>
public static class IpAddressText
{
    /// <summary>Parses a dotted quad without leading zeros, or an IPv6 address without zone; an IPv4-mapped address becomes IPv4.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        if (text.Length is 0 or > 45 || text.ContainsAny("%[]/ ") || !IPAddress.TryParse(text, out var parsed))
        {
            return false;
        }

        if (parsed.AddressFamily == AddressFamily.InterNetwork && !text.SequenceEqual(parsed.ToString()))
        {
            return false;
        }

        address = Unmap(parsed);
        return true;
    }

    /// <summary>The one spelling that is stored and compared (RFC 5952, IPv4-mapped folded); null when the text is no address.</summary>
    public static string? Canonical(ReadOnlySpan<char> text) => TryParse(text, out var address) ? address.ToString() : null;

    /// <summary>The network that a canonical address is in: its first 24 bits for IPv4, its first 64 for IPv6, the rest zero.</summary>
    public static string Network(string canonical)
    {
        var bytes = IPAddress.Parse(canonical).GetAddressBytes();
        bytes.AsSpan(bytes.Length == 4 ? 3 : 8).Clear();
        return new IPAddress(bytes).ToString();
    }

    /// <summary>The address without zone, and as IPv4 when it is an IPv4-mapped one: how a dual-stack socket shows an IPv4 caller.</summary>
    public static IPAddress Unmap(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
        : address is { AddressFamily: AddressFamily.InterNetworkV6, ScopeId: not 0 } ? new IPAddress(address.GetAddressBytes())
        : address;
}
