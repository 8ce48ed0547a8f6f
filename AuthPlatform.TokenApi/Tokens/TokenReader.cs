using AuthPlatform.Contracts;
using AuthPlatform.TokenApi.Keys;
using AuthPlatform.TokenApi.Requests;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>
/// Finds out whether a token is one of an application's, and which; everything that a token could choose for itself is pinned (RFC 8725 §3). Whether its
/// session still lives is another question.
/// </summary>
internal sealed class TokenReader(JwksCache keys, ApplicationSnapshots applications, IOptions<TokenOptions> options, TimeProvider clock)
{
    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = JwsShape.MaxLength };

    /// <summary>Gives the token, or the answer that refuses it.</summary>
    /// <param name="application">The application whose token it must be.</param>
    /// <param name="token">The token as it was presented.</param>
    /// <param name="use">The one use that is taken; null for either.</param>
    /// <param name="evenExpired">Whether the lifetime does not matter.</param>
    /// <param name="cancellationToken">Ends the wait for keys.</param>
    public ValueTask<(VerifiedToken? Token, Problem? Problem)> ReadAsync(
        Application application, string token, string? use, bool evenExpired, CancellationToken cancellationToken) =>
        IsOpaque(token) ? ValueTask.FromResult(ReadOpaque(application, token, use)) : ReadAsync(application, token, JwsShape.Read(token), use, evenExpired, cancellationToken);

    /// <summary>Gives an access token in its lifetime that a caller may know of: its own, or one of an application that names it as a resource server.</summary>
    public async ValueTask<(VerifiedToken? Token, Problem? Problem)> ReadVisibleAsync(Application caller, string token, CancellationToken cancellationToken)
    {
        if (IsOpaque(token))
        {
            return ReadOpaque(caller, token, TokenNames.Access);
        }

        // What the token says of itself only chooses the keys that must prove it.
        var shape = JwsShape.Read(token);
        var named = shape?.ClientId is { } clientId && clientId != caller.ClientId ? await applications.FindAsync(clientId, cancellationToken) : null;
        var owner = named is { Enabled: true } && named.HasResourceServer(caller) ? named : caller;
        return await ReadAsync(owner, token, shape, TokenNames.Access, evenExpired: false, cancellationToken);
    }

    private static bool IsOpaque(string token) => token.StartsWith(RefreshToken.Prefix, StringComparison.Ordinal);

    private static (VerifiedToken? Token, Problem? Problem) ReadOpaque(Application application, string token, string? use) =>
        RefreshToken.Read(application.RefreshKey, token) is not var (sessionId, generation) ? (null, TokenProblems.InvalidToken)
        : use == TokenNames.Access ? (null, TokenProblems.InvalidTokenType)
        : (new VerifiedToken { Application = application, KeyId = null, Use = TokenNames.Refresh, SessionId = sessionId, Generation = generation }, null);

    private async ValueTask<(VerifiedToken? Token, Problem? Problem)> ReadAsync(
        Application application, string token, JwsShape? shape, string? use, bool evenExpired, CancellationToken cancellationToken)
    {
        if (shape is null)
        {
            return (null, TokenProblems.InvalidToken);
        }

        if (shape.Use is null || shape.Type != ExpectedType(application, shape.Use) || (use is not null && shape.Use != use))
        {
            return (null, TokenProblems.InvalidTokenType);
        }

        if (await keys.FindAsync(application.ClientId, shape.KeyId, cancellationToken) is not { } key)
        {
            return (null, TokenProblems.InvalidToken);
        }

        var result = await Handler.ValidateTokenAsync(token, Parameters(application, shape, key, evenExpired));
        return result.IsValid
            ? ReadClaims(application, shape, (JsonWebToken)result.SecurityToken)
            : (null, result.Exception is SecurityTokenInvalidLifetimeException ? TokenProblems.TokenExpired : TokenProblems.InvalidToken);
    }

    /// <summary>The header's type that goes with the use in the claims: neither alone could turn one kind of token into the other.</summary>
    private static string? ExpectedType(Application application, string use) => use switch
    {
        TokenNames.Access => application.UsesSeedProfile ? KeyManagerContract.SeedTokenType : KeyManagerContract.AccessTokenType,
        TokenNames.Refresh => KeyManagerContract.RefreshTokenType,
        _ => null,
    };

    private static (VerifiedToken? Token, Problem? Problem) ReadClaims(Application application, JwsShape shape, JsonWebToken jwt) =>
        jwt.TryGetPayloadValue<string>("client_id", out var clientId)
        && clientId == application.ClientId
        && ReadIdentity(shape, jwt) is var (id, generation, hasSession)
            ? (new VerifiedToken
            {
                Application = application,
                KeyId = shape.KeyId,
                Use = shape.Use!,
                SessionId = id,
                Generation = generation,
                HasSession = hasSession,
                ExpiresAt = new DateTimeOffset(jwt.ValidTo, TimeSpan.Zero),
                Payload = shape.Payload,
            }, null)
            : (null, TokenProblems.InvalidToken);

    /// <summary>The session and generation; of an access token that a client got for itself, its own id.</summary>
    private static (Guid Id, int Generation, bool HasSession)? ReadIdentity(JwsShape shape, JsonWebToken jwt)
    {
        if (jwt.TryGetPayloadValue<string>("sid", out var sid))
        {
            return Guid.TryParseExact(sid, "D", out var sessionId) && jwt.TryGetPayloadValue<int>("gen", out var generation) ? (sessionId, generation, true) : null;
        }

        return shape.Use == TokenNames.Access && Guid.TryParseExact(jwt.Id, "D", out var tokenId) ? (tokenId, 0, false) : null;
    }

    private TokenValidationParameters Parameters(Application application, JwsShape shape, SecurityKey key, bool evenExpired)
    {
        var issuer = options.Value.Issuer(application.ClientId);
        return new TokenValidationParameters
        {
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
            ValidTypes = [shape.Type],
            ValidIssuer = issuer,
            ValidAudience = shape.Use == TokenNames.Refresh ? issuer : application.Audience,
            IssuerSigningKey = key,
            TryAllIssuerSigningKeys = false,
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            ValidateLifetime = !evenExpired,
            LifetimeValidator = evenExpired ? null : IsInLifetime,
        };
    }

    /// <summary>The library's own check takes the system's clock; ours takes the one that tests can set.</summary>
    private bool IsInLifetime(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var skew = TimeSpan.FromSeconds(options.Value.VerificationSkewSeconds);
        return notBefore <= now + skew && now < expires + skew;
    }
}
