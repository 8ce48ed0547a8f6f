namespace AuthPlatform.TokenApi.Sessions;

/// <summary>What a refresh makes of a session.</summary>
internal sealed record SessionRenewal
{
    /// <summary>Where the user is now; null when the session stays where it is.</summary>
    public required UserPlace? MovedTo { get; init; }

    /// <summary>The key that signed the new access token.</summary>
    public required string KeyId { get; init; }

    /// <summary>When, by the clock of the database.</summary>
    public required DateTimeOffset RefreshedAt { get; init; }

    public required DateTimeOffset TokensUntil { get; init; }

    public required DateTimeOffset IdleExpiresAt { get; init; }

    /// <summary>Until when the access token of the generation before still verifies, by the same clock.</summary>
    public required DateTimeOffset GraceUntil { get; init; }
}
