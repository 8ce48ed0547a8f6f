using AuthPlatform.ServiceDefaults;

namespace AuthPlatform.TokenApi.Sessions;

/// <summary>A session as its row stood when it was read. That time is the database's: two replicas may be apart by as much as a grace lasts.</summary>
internal sealed record LiveSession(
    Guid Id,
    string UniqueKey,
    UserPlace Place,
    int Generation,
    string? Scope,
    string? Claims,
    DateTimeOffset RefreshedAt,
    DateTimeOffset TokensUntil,
    DateTimeOffset IdleExpiresAt,
    DateTimeOffset AbsoluteExpiresAt,
    DateTimeOffset ReadAt)
{
    /// <summary>
    /// Whether it has moved on from a generation so little ago that the refresh token of that one still gets the same successor. Where the database's clock
    /// was set back, that moment is still to come: as far ahead as clocks may be apart it counts as just now, and beyond that as long ago, or a thief would have hours.
    /// </summary>
    public bool IsInGrace(int generation) => generation == Generation - 1 && ReadAt < RefreshedAt + SessionTime.Grace && ReadAt >= RefreshedAt - ClockCheck.Limit;

    /// <summary>Whether it can be refreshed no more; by the clock of whoever asks too, by which the next tokens would begin, after their end.</summary>
    public bool IsOver(DateTimeOffset now) => ReadAt >= IdleExpiresAt || now >= IdleExpiresAt;
}
