namespace AuthPlatform.TokenApi.Tokens;

/// <summary>A token of the platform whose signature, type, issuer and audience are good, and its lifetime too where that was asked for.</summary>
internal sealed record VerifiedToken
{
    /// <summary>The key that signed it; null for an opaque refresh token.</summary>
    public required string? KeyId { get; init; }

    /// <summary>One of <see cref="TokenNames.Access"/> and <see cref="TokenNames.Refresh"/>.</summary>
    public required string Use { get; init; }

    public required Guid SessionId { get; init; }

    public required int Generation { get; init; }

    /// <summary>The end of its lifetime; an opaque refresh token does not carry it.</summary>
    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Its claims as the JSON bytes that were signed; empty for an opaque refresh token.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }
}
