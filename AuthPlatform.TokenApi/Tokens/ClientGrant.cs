using AuthPlatform.TokenApi.Requests;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>What an access token says that a client gets for itself.</summary>
internal sealed record ClientGrant
{
    public required Application Application { get; init; }

    /// <summary>The <c>jti</c>, a UUIDv7: what a revocation of this token names.</summary>
    public required Guid TokenId { get; init; }

    public required string? Scope { get; init; }

    public required DateTimeOffset IssuedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }
}
