using AuthPlatform.ServiceDefaults;

namespace AuthPlatform.AdminWeb.SignIn;

/// <summary>How long ago something was, by clocks that may be set back.</summary>
internal static class Age
{
    /// <summary>Two machines that are ready may be off by the limit in opposite directions.</summary>
    private static readonly TimeSpan MostAhead = 2 * ClockCheck.Limit;

    /// <summary>
    /// Whether something was no longer ago than that. What is to come by more than clocks may differ was written by one that was ahead: counted from there it would be good for hours,
    /// so it is as if it was too long ago.
    /// </summary>
    public static bool IsWithin(DateTimeOffset moment, TimeSpan limit, DateTimeOffset now) => now - moment <= limit && moment - now <= MostAhead;
}
