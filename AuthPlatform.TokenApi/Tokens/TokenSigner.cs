using System.Security.Cryptography;
using AuthPlatform.Contracts;
using AuthPlatform.TokenApi.Requests;
using Microsoft.Extensions.Options;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>Has the tokens of a session made.</summary>
internal sealed class TokenSigner(KeyManagerClient keyManager, IOptions<TokenOptions> options)
{
    /// <summary>The access token, or null when the Key Manager does not sign at the moment.</summary>
    public Task<SignedToken?> AccessAsync(TokenGrant grant, CancellationToken cancellationToken) =>
        SignAccessAsync(grant.Application, TokenPayload.Access(grant, options.Value.Issuer(grant.Application.ClientId)), cancellationToken);

    /// <summary>The access token that a client gets for itself, or null when the Key Manager does not sign at the moment.</summary>
    public Task<SignedToken?> ClientAsync(ClientGrant grant, CancellationToken cancellationToken) =>
        SignAccessAsync(grant.Application, TokenPayload.Client(grant, options.Value.Issuer(grant.Application.ClientId)), cancellationToken);

    /// <summary>The refresh token in the form that the application wants, or null when that must be signed and the Key Manager does not.</summary>
    public async ValueTask<string?> RefreshAsync(TokenGrant grant, CancellationToken cancellationToken)
    {
        var application = grant.Application;
        if (!application.RefreshTokensAreJwt)
        {
            return RefreshToken.Create(application.RefreshKey, grant.SessionId, grant.Generation);
        }

        var payload = TokenPayload.Refresh(grant, options.Value.Issuer(application.ClientId));
        return (await keyManager.SignAsync(application.ClientId, KeyManagerContract.RefreshTokenType, payload, cancellationToken))?.Token;
    }

    private Task<SignedToken?> SignAccessAsync(Application application, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) =>
        keyManager.SignAsync(
            application.ClientId, application.UsesSeedProfile ? KeyManagerContract.SeedTokenType : KeyManagerContract.AccessTokenType, payload, cancellationToken);

    /// <summary>When an access token issued now expires: up to five per cent early, so that tokens issued together are not all refreshed together, and with its session at the latest.</summary>
    public static DateTimeOffset AccessExpiry(Application application, DateTimeOffset now, DateTimeOffset sessionEnd)
    {
        var seconds = (int)application.AccessLifetime.TotalSeconds;
        var expiry = now + TimeSpan.FromSeconds(seconds - RandomNumberGenerator.GetInt32((seconds / 20) + 1));
        return expiry < sessionEnd ? expiry : sessionEnd;
    }
}
