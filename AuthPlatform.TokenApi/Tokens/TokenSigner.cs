using System.Security.Cryptography;
using AuthPlatform.Contracts;
using AuthPlatform.ServiceDefaults.Problems;
using AuthPlatform.TokenApi.Requests;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>Has the tokens of a session made; those that are wanted together are asked for together.</summary>
internal sealed class TokenSigner(KeyManagerClient keyManager, TimeProvider clock)
{
    /// <summary>The Key Manager spreads each request over its processors; a second one is under way while the answer to the first comes back.</summary>
    private const int RequestsAtOnce = 2;

    private readonly Batcher<SigningRequest, SignedToken?> _requests =
        new(RequestsAtOnce, KeyManagerContract.MaxSignatures, requests => keyManager.SignAsync(requests, CancellationToken.None), spoils: _ => false, clock);

    /// <summary>Both tokens, or why there are none: the Key Manager does not sign at the moment, or they would be too long to be taken anywhere.</summary>
    public async Task<(TokenPair? Pair, Problem? Problem)> PairAsync(TokenGrant grant)
    {
        var signingAccess = SignAccessAsync(grant.Application, TokenPayload.Access(grant, grant.Application.Issuer));
        var refresh = await RefreshAsync(grant);
        var access = await signingAccess;
        return access is null || refresh is null ? (null, CommonProblems.TemporarilyUnavailable)
            : Math.Max(access.Token.Length, refresh.Length) > JwsShape.MaxLength ? (null, TokenProblems.TooLong)
            : (new TokenPair(grant, access, refresh), null);
    }

    /// <summary>The access token that a client gets for itself, or why there is none: for the same reasons.</summary>
    public async Task<(SignedToken? Access, Problem? Problem)> ClientAsync(ClientGrant grant)
    {
        var access = await SignAccessAsync(grant.Application, TokenPayload.Client(grant, grant.Application.Issuer));
        return access is null ? (null, CommonProblems.TemporarilyUnavailable)
            : access.Token.Length > JwsShape.MaxLength ? (null, TokenProblems.TooLong)
            : (access, null);
    }

    /// <summary>The refresh token in the form that the application wants, or null when that must be signed and the Key Manager does not.</summary>
    private async ValueTask<string?> RefreshAsync(TokenGrant grant)
    {
        var application = grant.Application;
        if (!application.RefreshTokensAreJwt)
        {
            return RefreshToken.Create(application.RefreshKey, grant.SessionId, grant.Generation);
        }

        var payload = TokenPayload.Refresh(grant, application.Issuer);
        return (await _requests.RunAsync(new SigningRequest(application.ClientId, KeyManagerContract.RefreshTokenType, payload)))?.Token;
    }

    private Task<SignedToken?> SignAccessAsync(Application application, ReadOnlyMemory<byte> payload) =>
        _requests.RunAsync(new SigningRequest(
            application.ClientId, application.UsesSeedProfile ? KeyManagerContract.SeedTokenType : KeyManagerContract.AccessTokenType, payload));

    /// <summary>When an access token issued now expires: up to five per cent early, so that tokens issued together are not all refreshed together, and with its session at the latest.</summary>
    public static DateTimeOffset AccessExpiry(Application application, DateTimeOffset now, DateTimeOffset sessionEnd)
    {
        var seconds = (int)application.AccessLifetime.TotalSeconds;
        var expiry = now + TimeSpan.FromSeconds(seconds - RandomNumberGenerator.GetInt32((seconds / 20) + 1));
        return expiry < sessionEnd ? expiry : sessionEnd;
    }
}
