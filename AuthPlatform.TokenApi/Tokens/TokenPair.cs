using AuthPlatform.Contracts;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>The answer of <c>/auth/token</c> and <c>/auth/refresh</c>.</summary>
internal sealed record TokenPair(TokenGrant Grant, SignedToken Access, string Refresh)
{
    public Task WriteAsync(HttpContext context, DateTimeOffset now) => TokenResponse.WriteAsync(context, (Pair: this, now), static (json, state) =>
    {
        var (grant, access, refresh) = state.Pair;
        json.WriteString("access_token"u8, access.Token);
        json.WriteString("refresh_token"u8, refresh);
        json.WriteString("token_type"u8, "bearer"u8);
        json.WriteString("kid"u8, access.KeyId);
        json.WriteNumber("expires_in"u8, SecondsUntil(grant.AccessExpiresAt, state.now));
        json.WriteNumber("refresh_expires_in"u8, SecondsUntil(grant.RefreshExpiresAt, state.now));
        json.WriteString("session_id"u8, grant.SessionId);
        if (grant.Scope is not null)
        {
            json.WriteString("scope"u8, grant.Scope);
        }
    });

    /// <summary>Without the tokens: whoever writes this object to a log must not write those.</summary>
    public override string ToString() => $"{nameof(TokenPair)} {{ {nameof(Grant.SessionId)} = {Grant.SessionId} }}";

    /// <summary>To the nearest second: the moment that making them took is none. Not below zero, when the end is by a clock that is behind this one.</summary>
    private static long SecondsUntil(DateTimeOffset end, DateTimeOffset now) => Math.Max(0, (long)Math.Round((end - now).TotalSeconds));
}
