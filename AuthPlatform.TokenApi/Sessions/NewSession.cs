namespace AuthPlatform.TokenApi.Sessions;

/// <summary>A session about to start: one user of one application on one device and address.</summary>
internal sealed record NewSession
{
    /// <summary>The <c>sid</c>, a UUIDv7.</summary>
    public required Guid Id { get; init; }

    public required string UniqueKey { get; init; }

    public required UserPlace Place { get; init; }

    public required string? Scope { get; init; }

    /// <summary>The application's own claims as JSON text.</summary>
    public required string? Claims { get; init; }

    /// <summary>The key that signed its first access token.</summary>
    public required string KeyId { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset TokensUntil { get; init; }

    public required DateTimeOffset IdleExpiresAt { get; init; }

    public required DateTimeOffset AbsoluteExpiresAt { get; init; }
}
