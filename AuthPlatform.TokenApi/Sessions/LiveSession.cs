namespace AuthPlatform.TokenApi.Sessions;

/// <summary>A session as its row stands.</summary>
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
    DateTimeOffset AbsoluteExpiresAt);
