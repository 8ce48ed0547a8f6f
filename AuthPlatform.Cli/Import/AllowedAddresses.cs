using System.Net.Sockets;
using AuthPlatform.Contracts.Addresses;

namespace AuthPlatform.Cli.Import;

/// <summary>The addresses that a list lets in, however it is written. Without entries it lets all of them in; an entry that cannot be read lets nobody in, as at a request.</summary>
internal sealed class AllowedAddresses(IReadOnlyCollection<string> entries)
{
    private static readonly AddressRange[] All = [new(AddressFamily.InterNetwork, UInt128.Zero, uint.MaxValue), new(AddressFamily.InterNetworkV6, UInt128.Zero, UInt128.MaxValue)];

    /// <summary>In order, and as one what overlaps or follows on each other: the same for all lists of the same addresses.</summary>
    private readonly IReadOnlyList<AddressRange> _ranges = entries.Count == 0 ? All : Merge(entries.Select(AddressRange.Parse).OfType<AddressRange>());

    /// <summary>Whether they are all of both families.</summary>
    public bool AreAll => _ranges.SequenceEqual(All);

    public bool AreThoseOf(AllowedAddresses other) => _ranges.SequenceEqual(other._ranges);

    private static List<AddressRange> Merge(IEnumerable<AddressRange> ranges)
    {
        var merged = new List<AddressRange>();
        foreach (var range in ranges.OrderBy(r => r.Family).ThenBy(r => r.First))
        {
            if (merged is [.., var last] && last.Family == range.Family && (range.First <= last.Last || range.First - last.Last == UInt128.One))
            {
                merged[^1] = last with { Last = UInt128.Max(last.Last, range.Last) };
            }
            else
            {
                merged.Add(range);
            }
        }

        return merged;
    }
}
