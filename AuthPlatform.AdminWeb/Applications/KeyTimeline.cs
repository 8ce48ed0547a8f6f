using AuthPlatform.Contracts;

namespace AuthPlatform.AdminWeb.Applications;

/// <summary>The lives of an application's keys on one scale of time, from 0 to <see cref="Width"/>.</summary>
internal sealed class KeyTimeline
{
    public const int Width = 1000;

    /// <summary>As many past keys as are shown at most: an application may leave one behind every minute.</summary>
    private const int MostPast = 100;

    private readonly DateTimeOffset _start;
    private readonly TimeSpan _length;

    public KeyTimeline(KeyListing listing, DateTimeOffset now)
    {
        Listing = listing;
        var past = listing.Keys.Where(IsPast).OrderByDescending(k => k.CreatedAt).Take(MostPast).Select(k => k.Kid).ToHashSet(StringComparer.Ordinal);
        Keys = [.. listing.Keys.Where(k => !IsPast(k) || past.Contains(k.Kid))];
        // What is over is shown for one life of a key: years of rotations would leave no room for the present.
        var oldest = now.AddSeconds(-listing.Settings.RotateEverySeconds);
        List<DateTimeOffset> moments = [now.AddMinutes(-1), now.AddMinutes(1), .. Keys.SelectMany(k => (DateTimeOffset?[])[k.AnnouncedAt, k.ExpiresAt, End(k)]).Append(listing.RotatesAt).OfType<DateTimeOffset>()];
        _start = new[] { oldest, moments.Min() }.Max();
        _length = moments.Max() - _start;
        Now = Place(now);
    }

    public KeyListing Listing { get; }

    /// <summary>Those that are shown: all that are in use, and the newest of the past.</summary>
    public IReadOnlyList<KeyListingEntry> Keys { get; }

    /// <summary>How many more there have been.</summary>
    public int Older => Listing.Keys.Count - Keys.Count + Listing.Unlisted;

    public int Now { get; }

    /// <summary>From where to where a key is published, and from where to where it signs.</summary>
    public (int From, int To, int SignsFrom, int SignsTo) Of(KeyListingEntry key)
    {
        var from = Place(key.AnnouncedAt);
        var to = End(key) is { } end ? Math.Max(from, Place(end)) : Width;
        var signsFrom = key.ActivatedAt ?? (key.State == "next" ? Listing.RotatesAt : null);
        var signsTo = key.SupersededAt ?? (key.State == "active" ? Listing.RotatesAt : null);
        var signing = signsFrom is { } start ? Math.Clamp(Place(start), from, to) : to;
        return (from, to, signing, signsTo is { } stop ? Math.Clamp(Place(stop), signing, to) : to);
    }

    private static bool IsPast(KeyListingEntry key) => key.State is not ("next" or "active" or "retiring");

    private static DateTimeOffset? End(KeyListingEntry key) => key.RevokedAt ?? key.ExpiresAt;

    private int Place(DateTimeOffset moment) => (int)Math.Clamp((moment - _start) / _length * Width, 0, Width);
}
