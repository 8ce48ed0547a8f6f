using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace AuthPlatform.Contracts.Addresses;

/// <summary>
/// Consecutive addresses of one family, both ends included: one entry of an application's allow-list. What administrators enter and what requests are
/// checked against is read by the same code.
/// </summary>
/// <param name="Family">IPv4 or IPv6.</param>
/// <param name="First">The lowest address as a number.</param>
/// <param name="Last">The highest address as a number.</param>
public readonly record struct AddressRange(AddressFamily Family, UInt128 First, UInt128 Last)
{
    /// <summary>
    /// Reads one entry of an allow-list: a single address, CIDR (<c>10.0.0.0/8</c>), address and netmask (<c>10.0.0.0/255.0.0.0</c>), or a range with <c>-</c>
    /// or <c>~</c>; null when it is none.
    /// </summary>
    public static AddressRange? Parse(string entry)
    {
        var text = entry.AsSpan().Trim();
        var separator = text.IndexOfAny('-', '~', '/');
        if (!IpAddressText.TryParse(separator < 0 ? text : text[..separator].Trim(), out var address))
        {
            return null;
        }

        var number = ToNumber(address);
        if (separator < 0)
        {
            return new AddressRange(address.AddressFamily, number, number);
        }

        var right = text[(separator + 1)..].Trim();
        return text[separator] == '/' ? ParseNetwork(address.AddressFamily, number, right) : ParseRange(address.AddressFamily, number, right);
    }

    /// <summary>Whether the address is one of them.</summary>
    public bool Contains(IPAddress address) => address.AddressFamily == Family && ToNumber(address) is var number && First <= number && number <= Last;

    private static AddressRange? ParseRange(AddressFamily family, UInt128 first, ReadOnlySpan<char> text) =>
        IpAddressText.TryParse(text, out var last) && last.AddressFamily == family && first <= ToNumber(last)
            ? new AddressRange(family, first, ToNumber(last))
            : null;

    private static AddressRange? ParseNetwork(AddressFamily family, UInt128 number, ReadOnlySpan<char> maskText)
    {
        var bits = family == AddressFamily.InterNetwork ? 32 : 128;
        // The framework overlooks U+0000 behind a number, which PostgreSQL takes in no text.
        if (!maskText.ContainsAnyExceptInRange('0', '9') && int.TryParse(maskText, NumberStyles.None, CultureInfo.InvariantCulture, out var prefix))
        {
            return prefix <= bits ? Network(HostMask(bits - prefix)) : null;
        }

        if (!IpAddressText.TryParse(maskText, out var mask) || mask.AddressFamily != family)
        {
            return null;
        }

        // A netmask is ones, then zeros: its complement plus one is a power of two.
        var hostMask = ~ToNumber(mask) & HostMask(bits);
        return (hostMask & (hostMask + 1)) == UInt128.Zero ? Network(hostMask) : null;

        AddressRange Network(UInt128 host) => new(family, number & ~host, number | host);
    }

    /// <summary>A number whose lowest bits are ones.</summary>
    private static UInt128 HostMask(int ones) => ones == 128 ? UInt128.MaxValue : (UInt128.One << ones) - 1;

    private static UInt128 ToNumber(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        var size = address.AddressFamily == AddressFamily.InterNetwork ? 4 : 16;
        address.TryWriteBytes(bytes[(16 - size)..], out _);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
