using AuthPlatform.Contracts;

namespace AuthPlatform.AdminWeb.Applications;

/// <summary>The lives of an application's keys on one scale of time, from 0 to <see cref="Width"/>.</summary>
internal sealed class KeyTimeline
{
    public const int Width = 1000;

    private readonly DateTimeOffset _start;
    private readonly TimeSpan _length;

    public KeyTimeline(KeyListing listing, DateTimeOffset now)
    {
        Listing = listing;
        // What is over is shown for one life of a key: years of rotations would leave no room for the present.
        var oldest = now.AddSeconds(-listing.Settings.RotateEverySeconds);
        List<DateTimeOffset> moments = [now.AddMinutes(-1), now.AddMinutes(1), .. listing.Keys.SelectMany(k => (DateTimeOffset?[])[k.AnnouncedAt, k.ExpiresAt, End(k)]).Append(listing.RotatesAt).OfType<DateTimeOffset>()];
        _start = new[] { oldest, moments.Min() }.Max();
        _length = moments.Max() - _start;
        Now = Place(now);
    }

    public KeyListing Listing { get; }

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

    private static DateTimeOffset? End(KeyListingEntry key) => key.RevokedAt ?? key.ExpiresAt;

    private int Place(DateTimeOffset moment) => (int)Math.Clamp((moment - _start) / _length * Width, 0, Width);
}
