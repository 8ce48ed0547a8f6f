namespace AuthPlatform.TokenApi.Sessions;

/// <summary>A session about to start: one user of one application on one device and address.</summary>
internal sealed record NewSession
{
    /// <summary>The <c>sid</c>, a UUIDv7.</summary>
    public required Guid Id { get; init; }

    public required Guid ApplicationId { get; init; }

    public required string UniqueKey { get; init; }

    public required string Device { get; init; }

    public required string Ip { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset IdleExpiresAt { get; init; }

    public required DateTimeOffset AbsoluteExpiresAt { get; init; }

    /// <summary>When the last access token of a session that this one replaces is out of date, clocks included.</summary>
    public required DateTimeOffset ReplacedTokensUntil { get; init; }
}
