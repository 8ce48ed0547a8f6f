namespace AuthPlatform.TokenApi.Tokens;

/// <summary>An access token whose signature, type, issuer, audience, lifetime and session are all good.</summary>
/// <param name="KeyId">The key that signed it.</param>
/// <param name="SessionId">Its session.</param>
/// <param name="ExpiresAt">The end of its lifetime.</param>
/// <param name="Payload">Its claims as the JSON bytes that were signed.</param>
internal sealed record VerifiedToken(string KeyId, Guid SessionId, DateTimeOffset ExpiresAt, ReadOnlyMemory<byte> Payload);
