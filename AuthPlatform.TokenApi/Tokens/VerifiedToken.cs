using AuthPlatform.TokenApi.Requests;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>A token of the platform whose signature, type, issuer and audience are good, and its lifetime too where that was asked for.</summary>
internal sealed record VerifiedToken
{
    /// <summary>The application whose token it is.</summary>
    public required Application Application { get; init; }

    /// <summary>The key that signed it; null for an opaque refresh token.</summary>
    public required string? KeyId { get; init; }

    /// <summary>One of <see cref="TokenNames.Access"/> and <see cref="TokenNames.Refresh"/>.</summary>
    public required string Use { get; init; }

    /// <summary>Its <c>sid</c>; of a token that a client got for itself, which has no session, its <c>jti</c>.</summary>
    public required Guid SessionId { get; init; }

    /// <summary>Whether it belongs to a user's session.</summary>
    public bool HasSession { get; init; } = true;

    public required int Generation { get; init; }

    /// <summary>The end of its lifetime; an opaque refresh token does not carry it.</summary>
    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Its claims as the JSON bytes that were signed; empty for an opaque refresh token.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }
}
