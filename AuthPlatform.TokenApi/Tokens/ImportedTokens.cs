using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.TokenApi.Keys;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Npgsql;
using Application = AuthPlatform.TokenApi.Requests.Application;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>
/// Tokens of the older service. They name neither session nor issuer, so each of them is known by its hash; the signature is verified besides, so that they die with their key.
/// </summary>
internal sealed class ImportedTokens(NpgsqlDataSource dataSource, JwksCache keys, IOptions<TokenOptions> options, TimeProvider clock)
{
    private const string Find = "SELECT session_id, is_refresh, expires_at FROM imported_tokens WHERE token_hash = $1 AND application_id = $2";

    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = JwsShape.MaxLength };

    /// <summary>The token, or the answer that refuses it; neither when it is not one of them.</summary>
    public async ValueTask<(VerifiedToken? Token, Problem? Problem)> ReadAsync(
        Application application, string token, JwsShape shape, string? use, bool evenExpired, CancellationToken cancellationToken)
    {
        if (await FindAsync(application, token, cancellationToken) is not var (sessionId, isRefresh, expiresAt))
        {
            return default;
        }

        var itsUse = isRefresh ? TokenNames.Refresh : TokenNames.Access;
        if (use is not null && use != itsUse)
        {
            return (null, TokenProblems.InvalidTokenType);
        }

        if (await keys.FindAsync(application.ClientId, shape.KeyId, cancellationToken) is not { } key || !(await Handler.ValidateTokenAsync(token, Parameters(key))).IsValid)
        {
            return (null, TokenProblems.InvalidToken);
        }

        if (!evenExpired && clock.GetUtcNow() >= expiresAt + TimeSpan.FromSeconds(options.Value.VerificationSkewSeconds))
        {
            return (null, TokenProblems.TokenExpired);
        }

        return (
            new VerifiedToken
            {
                Application = application,
                KeyId = shape.KeyId,
                Use = itsUse,
                SessionId = sessionId,
                Generation = 0,
                ExpiresAt = expiresAt,
                Payload = shape.Payload,
            },
            null);
    }

    private async Task<(Guid SessionId, bool IsRefresh, DateTimeOffset ExpiresAt)?> FindAsync(Application application, string token, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Find);
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = ImportedToken.HashOf(token) });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = application.Id });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (reader.GetGuid(0), reader.GetBoolean(1), reader.GetFieldValue<DateTimeOffset>(2)) : null;
    }

    /// <summary>What the token says of itself was the older service's business; that this is the very token is known.</summary>
    private static TokenValidationParameters Parameters(SecurityKey key) => new()
    {
        ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
        ValidateIssuer = false,
        ValidateAudience = false,
        ValidateLifetime = false,
        RequireExpirationTime = false,
        IssuerSigningKey = key,
        TryAllIssuerSigningKeys = false,
        RequireSignedTokens = true,
    };
}
