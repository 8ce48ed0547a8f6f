using StackExchange.Redis;

namespace AuthPlatform.TokenApi.Sessions;

/// <summary>
/// Whether the sentinel in Redis can be believed. A Redis that was restarted may bring back a sentinel of before without the revocations that came after
/// its last write to disk; but it cannot do so without breaking our connection. From then on, sentinels count again only when two rounds of copying have
/// begun and ended since: the copier compares the identity of the server in each.
/// </summary>
internal sealed class RevocationTrust
{
    private const int EnoughRounds = 3;

    private Seen _seen = new(0, 0);

    public RevocationTrust(IConnectionMultiplexer redis)
    {
        redis.ConnectionFailed += (_, _) => Forget();
        redis.ConfigurationChanged += (_, _) => Forget();
    }

    /// <summary>Whether a sentinel with this value, just read, proves that Redis knows every revocation.</summary>
    public bool Accepts(RedisValue sentinel)
    {
        if (!sentinel.HasValue || !sentinel.TryParse(out long round))
        {
            return false;
        }

        var seen = Volatile.Read(ref _seen);
        if (round > seen.Round)
        {
            // When another request was faster it has seen the same; when the connection broke in between, this one must not undo the forgetting.
            var next = new Seen(round, Math.Min(EnoughRounds, seen.Rounds + 1));
            seen = Interlocked.CompareExchange(ref _seen, next, seen) == seen ? next : Volatile.Read(ref _seen);
        }

        return seen.Rounds >= EnoughRounds;
    }

    public void Forget() => Volatile.Write(ref _seen, new Seen(0, 0));

    /// <param name="Round">The newest round seen.</param>
    /// <param name="Rounds">How many different ones were seen since the connection stands; the first may be older than it.</param>
    private sealed record Seen(long Round, int Rounds);
}
