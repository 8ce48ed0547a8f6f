using AuthPlatform.Contracts;
using AuthPlatform.Data;
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
/// Whatever looks like one is looked for, and what arrives together in one round trip.
/// </summary>
internal sealed class ImportedTokens
{
    /// <summary>Each looked up by itself, whatever their number, as sessions are.</summary>
    private const string Find =
        """
        SELECT t.* FROM unnest((SELECT $1)) AS n (hash) CROSS JOIN LATERAL (
            SELECT token_hash, application_id, session_id, is_refresh, expires_at FROM imported_tokens WHERE token_hash = n.hash OFFSET 0) AS t
        """;

    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = JwsShape.MaxLength };

    private readonly NpgsqlDataSource _dataSource;
    private readonly JwksCache _keys;
    private readonly IOptions<TokenOptions> _options;
    private readonly TimeProvider _clock;
    private readonly Batcher<byte[], Imported?> _finding;

    public ImportedTokens(NpgsqlDataSource dataSource, JwksCache keys, IOptions<TokenOptions> options, TimeProvider clock)
    {
        (_dataSource, _keys, _options, _clock) = (dataSource, keys, options, clock);
        _finding = new(StatementBatches.Concurrency, StatementBatches.MaxSize, FindAsync, _ => false, clock);
    }

    /// <summary>The token, or the answer that refuses it; neither when it is not one of them.</summary>
    public async ValueTask<(VerifiedToken? Token, Problem? Problem)> ReadAsync(
        Application application, string token, JwsShape shape, string? use, bool evenExpired, CancellationToken cancellationToken)
    {
        if (await _finding.RunAsync(ImportedToken.HashOf(token)) is not { } known || known.ApplicationId != application.Id)
        {
            return default;
        }

        var itsUse = known.IsRefresh ? TokenNames.Refresh : TokenNames.Access;
        if (use is not null && use != itsUse)
        {
            return (null, TokenProblems.InvalidTokenType);
        }

        if (await _keys.FindAsync(application.ClientId, shape.KeyId, cancellationToken) is not { } key || !(await Handler.ValidateTokenAsync(token, Parameters(key))).IsValid)
        {
            return (null, TokenProblems.InvalidToken);
        }

        if (!evenExpired && _clock.GetUtcNow() >= known.ExpiresAt + TimeSpan.FromSeconds(_options.Value.VerificationSkewSeconds))
        {
            return (null, TokenProblems.TokenExpired);
        }

        return (
            new VerifiedToken
            {
                Application = application,
                KeyId = shape.KeyId,
                Use = itsUse,
                SessionId = known.SessionId,
                Generation = 0,
                ExpiresAt = known.ExpiresAt,
                Payload = shape.Payload,
            },
            null);
    }

    private async Task<IReadOnlyList<Imported?>> FindAsync(IReadOnlyList<byte[]> hashes)
    {
        await using var command = _dataSource.CreateCommand(Find, StatementBatches.Column(hashes, hash => hash));
        await using var reader = await command.ExecuteReaderAsync();
        var found = new Dictionary<string, Imported>(StringComparer.Ordinal);
        while (await reader.ReadAsync())
        {
            found[Convert.ToHexString(reader.GetFieldValue<byte[]>(0))] =
                new Imported(reader.GetGuid(1), reader.GetGuid(2), reader.GetBoolean(3), reader.GetFieldValue<DateTimeOffset>(4));
        }

        return [.. hashes.Select(hash => found.GetValueOrDefault(Convert.ToHexString(hash)))];
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

    /// <summary>What is known of a token.</summary>
    private sealed record Imported(Guid ApplicationId, Guid SessionId, bool IsRefresh, DateTimeOffset ExpiresAt);
}
