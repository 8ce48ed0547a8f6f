using AuthPlatform.TokenApi.Requests;

namespace AuthPlatform.TokenApi.Sessions;

/// <summary>The times of sessions.</summary>
internal static class SessionTime
{
    /// <summary>
    /// How long after a refresh the token before it still gets the same successor, and the access token before it still verifies: long enough for a client
    /// that lost the answer, or refreshed twice at once, too short to be of use to a thief.
    /// </summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    /// <summary>The time in whole milliseconds: what the database gives back is then exactly what was given to it, and a token made of either is the same.</summary>
    public static DateTimeOffset Now(TimeProvider clock) => DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>When a session used now ends unless it is used again.</summary>
    public static DateTimeOffset IdleEnd(Application application, DateTimeOffset now, DateTimeOffset absoluteEnd)
    {
        var idle = now + application.RefreshIdleLifetime;
        return idle < absoluteEnd ? idle : absoluteEnd;
    }
}
