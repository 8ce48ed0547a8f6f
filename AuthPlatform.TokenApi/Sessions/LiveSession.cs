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
    /// <summary>Whether it has moved on from a generation so little ago that the refresh token of that one still gets the same successor.</summary>
    public bool IsInGrace(int generation) => generation == Generation - 1 && ReadAt < RefreshedAt + SessionTime.Grace;

    /// <summary>Whether it can be refreshed no more; by the clock of whoever asks too, by which the next tokens would begin, after their end.</summary>
    public bool IsOver(DateTimeOffset now) => ReadAt >= IdleExpiresAt || now >= IdleExpiresAt;
}
