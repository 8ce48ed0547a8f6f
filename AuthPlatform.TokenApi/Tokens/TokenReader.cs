using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.ServiceDefaults;
using AuthPlatform.TokenApi.Keys;
using AuthPlatform.TokenApi.Requests;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Application = AuthPlatform.TokenApi.Requests.Application;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>
/// Finds out whether a token is one of an application's, and which; everything that a token could choose for itself is pinned (RFC 8725 §3). Whether its
/// session still lives is another question.
/// </summary>
internal sealed class TokenReader(JwksCache keys, ApplicationSnapshots applications, ImportedTokens imported, ProvenTokens proven, IOptions<TokenOptions> options, TimeProvider clock)
{
    /// <summary>
    /// No access token of ours lives longer, whichever clocks its beginning and its end were read from. One that does was written by somebody else who has the key, and its revocation
    /// would be kept until it ends: for thousands of years, perhaps.
    /// </summary>
    private static readonly TimeSpan LongestAccess = TimeSpan.FromSeconds(TokenLimits.LongestAccessSeconds) + SessionEnding.ClockMargin;

    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = JwsShape.MaxLength };

    /// <summary>Gives the token, or the answer that refuses it.</summary>
    /// <param name="application">The application whose token it must be.</param>
    /// <param name="token">The token as it was presented.</param>
    /// <param name="use">The one use that is taken; null for either.</param>
    /// <param name="evenExpired">Whether the lifetime does not matter.</param>
    /// <param name="cancellationToken">Ends the wait for keys.</param>
    public ValueTask<(VerifiedToken? Token, Problem? Problem)> ReadAsync(
        Application application, string token, string? use, bool evenExpired, CancellationToken cancellationToken) =>
        IsOpaque(token) ? ValueTask.FromResult(ReadOpaque(application, token, use)) : ReadAsync(application, token, Presented.Of(token, proven), use, evenExpired, cancellationToken);

    /// <summary>Gives an access token in its lifetime that a caller may know of: its own, or one of an application that names it as a resource server.</summary>
    public async ValueTask<(VerifiedToken? Token, Problem? Problem)> ReadVisibleAsync(Application caller, string token, CancellationToken cancellationToken)
    {
        if (IsOpaque(token))
        {
            return ReadOpaque(caller, token, TokenNames.Access);
        }

        // What the token says of itself only chooses the keys that must prove it.
        var presented = Presented.Of(token, proven);
        var named = presented.Shape?.ClientId is { } clientId && clientId != caller.ClientId ? await applications.FindAsync(clientId, cancellationToken) : null;
        var owner = named is { Enabled: true } && named.HasResourceServer(caller) ? named : caller;
        return await ReadAsync(owner, token, presented, TokenNames.Access, evenExpired: false, cancellationToken);
    }

    /// <summary>Checks a token that no key has signed, so that whoever brings the first real one need not wait for more than its own.</summary>
    public async Task WarmUpAsync(TokenGrant grant)
    {
        var application = grant.Application;
        var header = $$"""{"alg":"RS256","kid":"warm-up","typ":"{{KeyManagerContract.AccessTokenType}}"}""";
        var payload = TokenPayload.Access(grant, application.Issuer);
        var token = string.Join('.', Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header)), Base64Url.EncodeToString(payload.Span), Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(256)));
        var key = new RsaSecurityKey(new RSAParameters { Modulus = [0xC0, .. RandomNumberGenerator.GetBytes(254), 1], Exponent = [1, 0, 1] });
        await IsProvenAsync(application, token, JwsShape.Read(token)!, proof: null, key);
    }

    private static bool IsOpaque(string token) => token.StartsWith(RefreshToken.Prefix, StringComparison.Ordinal);

    private static (VerifiedToken? Token, Problem? Problem) ReadOpaque(Application application, string token, string? use) =>
        RefreshToken.Read(application.RefreshKey, token) is not var (sessionId, generation) ? (null, TokenProblems.InvalidToken)
        : use == TokenNames.Access ? (null, TokenProblems.InvalidTokenType)
        : (new VerifiedToken { Application = application, KeyId = null, Use = TokenNames.Refresh, SessionId = sessionId, Generation = generation }, null);

    /// <summary>Tokens of ours say which session they belong to, or are access tokens of a client; what does not may be the older service's.</summary>
    private async ValueTask<(VerifiedToken? Token, Problem? Problem)> ReadAsync(
        Application application, string token, Presented presented, string? use, bool evenExpired, CancellationToken cancellationToken)
    {
        var own = await ReadOwnAsync(application, token, presented, use, evenExpired, cancellationToken);
        if (own.Token is not null || presented.Shape is null or { Claims.HasSession: true })
        {
            return own;
        }

        var old = await imported.ReadAsync(application, token, presented.Shape, use, evenExpired, cancellationToken);
        return old is (null, null) ? own : old;
    }

    private async ValueTask<(VerifiedToken? Token, Problem? Problem)> ReadOwnAsync(
        Application application, string token, Presented presented, string? use, bool evenExpired, CancellationToken cancellationToken)
    {
        if (presented.Shape is not { } shape)
        {
            return (null, TokenProblems.InvalidToken);
        }

        if (shape.Use is null || shape.Type != ExpectedType(application, shape.Use) || (use is not null && shape.Use != use))
        {
            return (null, TokenProblems.InvalidTokenType);
        }

        var now = clock.GetUtcNow();
        var skew = TimeSpan.FromSeconds(options.Value.VerificationSkewSeconds);
        if (shape.Claims is not { } claims
            // A refresh token is dated by the database's clock, which may be ahead of this one.
            || claims.ValidFrom > now + skew + (shape.Use == TokenNames.Refresh ? ClockCheck.Limit : TimeSpan.Zero)
            || (shape.Use == TokenNames.Refresh && !claims.HasSession)
            || (shape.Use == TokenNames.Access && claims.ExpiresAt - claims.ValidFrom > LongestAccess)
            || shape.ClientId != application.ClientId
            || await keys.FindAsync(application.ClientId, shape.KeyId, cancellationToken) is not { } key
            || !await IsProvenAsync(application, token, shape, presented.Proof, key)
            || (shape.Use == TokenNames.Refresh && !RefreshToken.IsTokenId(application.RefreshKey, claims.Id, claims.Generation, shape.TokenId)))
        {
            return (null, TokenProblems.InvalidToken);
        }

        // Last of all: that it has expired is told only of a token of ours.
        return evenExpired || now < claims.ExpiresAt + skew ? (Verified(application, shape, claims), null) : (null, TokenProblems.TokenExpired);
    }

    /// <summary>The header's type that goes with the use in the claims: neither alone could turn one kind of token into the other.</summary>
    private static string? ExpectedType(Application application, string use) => use switch
    {
        TokenNames.Access => application.UsesSeedProfile ? KeyManagerContract.SeedTokenType : KeyManagerContract.AccessTokenType,
        TokenNames.Refresh => KeyManagerContract.RefreshTokenType,
        _ => null,
    };

    private static VerifiedToken Verified(Application application, JwsShape shape, TokenClaims claims) => new()
    {
        Application = application,
        KeyId = shape.KeyId,
        Use = shape.Use!,
        SessionId = claims.Id,
        Generation = claims.Generation,
        HasSession = claims.HasSession,
        ExpiresAt = claims.ExpiresAt,
        Payload = shape.Payload,
    };

    /// <summary>Whether the key signed it and it names whom it must; what was found before counts while all that it depended on is the same.</summary>
    private async ValueTask<bool> IsProvenAsync(Application application, string token, JwsShape shape, Proof? proof, SecurityKey key)
    {
        if (shape.Issuer is not { } issuer || (issuer != application.Issuer && !options.Value.IsFormerIssuer(issuer, application.ClientId)))
        {
            return false;
        }

        // A refresh token is for the issuer that it names, and no other of ours.
        var audience = shape.Use == TokenNames.Refresh ? issuer : application.Audience;
        if (proof is not null && proof.Key == key && proof.Audience == audience)
        {
            return true;
        }

        if (!(await Handler.ValidateTokenAsync(token, Parameters(shape.Type, issuer, audience, key))).IsValid)
        {
            return false;
        }

        proven.Add(token, new Proof(shape, key, audience));
        return true;
    }

    /// <summary>Lifetimes are not the library's business: it would take the system's clock, and spellings of times that we do not.</summary>
    private static TokenValidationParameters Parameters(string type, string issuer, string audience, SecurityKey key) => new()
    {
        ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
        ValidTypes = [type],
        ValidIssuer = issuer,
        // By default a slash at the end counts for nothing.
        IgnoreTrailingSlashWhenValidatingAudience = false,
        ValidAudience = audience,
        IssuerSigningKey = key,
        TryAllIssuerSigningKeys = false,
        RequireSignedTokens = true,
        ValidateLifetime = false,
    };

    /// <param name="Shape">What the token says; null when it is none of ours.</param>
    /// <param name="Proof">What was proven of it before, if anything.</param>
    private readonly record struct Presented(JwsShape? Shape, Proof? Proof)
    {
        public static Presented Of(string token, ProvenTokens proven)
        {
            var proof = proven.Find(token);
            return new Presented(proof?.Shape ?? JwsShape.Read(token), proof);
        }
    }
}
