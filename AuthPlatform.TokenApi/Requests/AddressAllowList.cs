using System.Net;
using AuthPlatform.Contracts;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>
/// The addresses from which an application may call: single ones, CIDR (<c>10.0.0.0/8</c>), address and netmask (<c>10.0.0.0/255.0.0.0</c>), and ranges with
/// <c>-</c> or <c>~</c>, IPv4 and IPv6. An empty list allows all.
/// </summary>
internal sealed class AddressAllowList
{
    private readonly AddressRange[] _ranges;
    private readonly bool _allowsAll;

    /// <summary>Reads the entries. One that can't be read allows nothing: a typing error must not open the door.</summary>
    public AddressAllowList(IReadOnlyCollection<string> entries)
    {
        _allowsAll = entries.Count == 0;
        _ranges = [.. entries.Select(AddressRange.Parse).OfType<AddressRange>()];
    }

    /// <summary>The answer for a caller whose address is not in the list; null for one that may call.</summary>
    public Problem? Refuse(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        return Allows(address) ? null : RequestProblems.AddressNotAllowed(IpAddressText.Unmap(address).ToString());
    }

    public bool Allows(IPAddress address)
    {
        if (_allowsAll)
        {
            return true;
        }

        var plain = IpAddressText.Unmap(address);
        foreach (var range in _ranges)
        {
            if (range.Contains(plain))
            {
                return true;
            }
        }

        return false;
    }
}
