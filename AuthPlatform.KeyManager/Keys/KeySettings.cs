using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Keys;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>How the keys of one application live.</summary>
/// <param name="KeySize">Bits of new keys.</param>
/// <param name="RotateEvery">How long a key signs.</param>
/// <param name="Announce">How long a key is published at least before the schedule lets it sign.</param>
/// <param name="Retain">How long a key stays published after it signed last.</param>
internal sealed record KeySettings(int KeySize, TimeSpan RotateEvery, TimeSpan Announce, TimeSpan Retain)
{
    /// <summary>How long a JWKS may be cached at most.</summary>
    public const int LongestMaxAgeSeconds = 300;

    /// <summary>
    /// After this nothing that a key signed can be valid any more: the last token lives so long (which lifetime an application has, the Key Manager does not see), a
    /// verifier's clock is behind so far, and a replica of the Key Manager that cannot read the database signs with the key it knows for at most the max-age.
    /// </summary>
    public const int SafeRetentionSeconds = TokenLimits.LongestAccessSeconds + TokenLimits.LargestSkewSeconds + LongestMaxAgeSeconds;

    private const int ShortestAnnounceSeconds = 24 * 3600;
    private const int LongestSeconds = 10 * 365 * 86_400;

    public static TimeSpan SafeRetention { get; } = TimeSpan.FromSeconds(SafeRetentionSeconds);

    /// <summary>How long a JWKS may be cached: never longer than a key is announced, or a verifier could meet a key that it has not seen.</summary>
    public TimeSpan MaxAge => Announce.TotalSeconds < LongestMaxAgeSeconds ? Announce : TimeSpan.FromSeconds(LongestMaxAgeSeconds);

    /// <summary>The settings of an application: its own where it has some.</summary>
    public static KeySettings Of(KeyApplication application, KeyOptions defaults) => new(
        application.KeySize ?? defaults.KeySize,
        TimeSpan.FromSeconds(application.RotateEverySeconds ?? defaults.RotateEverySeconds),
        TimeSpan.FromSeconds(application.AnnounceSeconds ?? defaults.AnnounceSeconds),
        TimeSpan.FromSeconds(application.RetainSeconds ?? defaults.RetainSeconds));

    /// <summary>Everything that is wrong with them, each with its numbers; empty when nothing is.</summary>
    /// <param name="allowUnsafeSchedule">Leaves out what only protects verifiers that cache and tokens that live as long as they may: for tests.</param>
    public IReadOnlyList<string> Problems(bool allowUnsafeSchedule)
    {
        var (rotate, announce, retain) = ((long)RotateEvery.TotalSeconds, (long)Announce.TotalSeconds, (long)Retain.TotalSeconds);
        var (leastAnnounce, leastRetain) = allowUnsafeSchedule ? (1, 1) : (ShortestAnnounceSeconds, SafeRetentionSeconds);
        var problems = new List<string>();
        if (KeySize is not (2048 or 3072 or 4096))
        {
            problems.Add($"Key size {KeySize} bits is not one of 2048, 3072 and 4096.");
        }

        if (rotate is < 1 or > LongestSeconds || announce > LongestSeconds || retain > LongestSeconds)
        {
            problems.Add($"Rotate every {rotate} s, announce {announce} s and retain {retain} s must each be 1 to {LongestSeconds} s (10 years).");
        }

        if (announce < leastAnnounce)
        {
            problems.Add($"Announce {announce} s is less than {leastAnnounce} s: every cache must have seen a key before it signs.");
        }

        if (announce >= rotate)
        {
            problems.Add($"Announce {announce} s is not less than rotate every {rotate} s: the next key would be due before it was announced long enough.");
        }

        if (retain < leastRetain)
        {
            problems.Add(
                $"Retain {retain} s is less than {leastRetain} s = access lifetime {TokenLimits.LongestAccessSeconds} s (the longest an application can have) "
                + $"+ clock skew {TokenLimits.LargestSkewSeconds} s + JWKS max-age {LongestMaxAgeSeconds} s: tokens would outlive the key that verifies them.");
        }

        return problems;
    }
}
