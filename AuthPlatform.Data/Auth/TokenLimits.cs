namespace AuthPlatform.Data.Auth;

/// <summary>
/// What several services count on when they decide how long keys and revocations are kept: were one of these raised in one place only, they would go while a token that
/// needs them still lives.
/// </summary>
public static class TokenLimits
{
    /// <summary>The longest lifetime of an access token, in seconds, that an application can have. A check constraint of its table says the same.</summary>
    public const int LongestAccessSeconds = 3600;

    /// <summary>The largest clock skew, in seconds, that a Token API can be set to allow when it checks a lifetime.</summary>
    public const int LargestSkewSeconds = 120;
}
