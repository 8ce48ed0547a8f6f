using AuthPlatform.Contracts;
using AuthPlatform.TokenApi.Keys;
using AuthPlatform.TokenApi.Requests;
using AuthPlatform.TokenApi.Sessions;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>Verifies access tokens of one application; everything that a token could choose for itself is pinned (RFC 8725 §3).</summary>
internal sealed class TokenVerifier(JwksCache keys, RevocationList revocations, IOptions<TokenOptions> options, TimeProvider clock)
{
    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = JwsShape.MaxLength };

    /// <summary>Gives the verified token, or the answer that refuses it.</summary>
    public async ValueTask<(VerifiedToken? Token, Problem? Problem)> VerifyAsync(Application application, string token, CancellationToken cancellationToken)
    {
        var expectedType = application.UsesSeedProfile ? KeyManagerContract.SeedTokenType : KeyManagerContract.AccessTokenType;
        if (token.StartsWith(RefreshToken.Prefix, StringComparison.Ordinal))
        {
            return (null, TokenProblems.InvalidTokenType);
        }

        if (JwsShape.Read(token) is not { } shape)
        {
            return (null, TokenProblems.InvalidToken);
        }

        if (shape.Type != expectedType)
        {
            return (null, TokenProblems.InvalidTokenType);
        }

        if (await keys.FindAsync(application.ClientId, shape.KeyId, cancellationToken) is not { } key)
        {
            return (null, TokenProblems.InvalidToken);
        }

        var result = await Handler.ValidateTokenAsync(token, Parameters(application, expectedType, key));
        if (!result.IsValid)
        {
            return (null, result.Exception is SecurityTokenInvalidLifetimeException ? TokenProblems.TokenExpired : TokenProblems.InvalidToken);
        }

        var jwt = (JsonWebToken)result.SecurityToken;
        if (!jwt.TryGetPayloadValue<string>("typ", out var use) || use != TokenNames.Access)
        {
            return (null, TokenProblems.InvalidTokenType);
        }

        return jwt.TryGetPayloadValue<string>("client_id", out var clientId)
            && clientId == application.ClientId
            && jwt.TryGetPayloadValue<string>("sid", out var sid)
            && Guid.TryParseExact(sid, "D", out var sessionId)
            && !await revocations.ContainsAsync(sessionId, cancellationToken)
            ? (new VerifiedToken(shape.KeyId, sessionId, new DateTimeOffset(jwt.ValidTo, TimeSpan.Zero), shape.Payload), null)
            : (null, TokenProblems.InvalidToken);
    }

    private TokenValidationParameters Parameters(Application application, string type, SecurityKey key) => new()
    {
        ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
        ValidTypes = [type],
        ValidIssuer = options.Value.Issuer(application.ClientId),
        ValidAudience = application.Audience,
        IssuerSigningKey = key,
        TryAllIssuerSigningKeys = false,
        RequireExpirationTime = true,
        RequireSignedTokens = true,
        LifetimeValidator = IsInLifetime,
    };

    /// <summary>The library's own check takes the system's clock; ours takes the one that tests can set.</summary>
    private bool IsInLifetime(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var skew = TimeSpan.FromSeconds(options.Value.VerificationSkewSeconds);
        return notBefore <= now + skew && now < expires + skew;
    }
}
