using System.Security.Cryptography;
using AuthPlatform.Data;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Encryption;
using AuthPlatform.TokenApi.Tokens;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>Reads an application from the database, by hand: Entity Framework, for this one query, took half of the time until this service was ready.</summary>
internal sealed class ApplicationReader(NpgsqlDataSource dataSource, EnvelopeCipher cipher, IOptions<TokenOptions> options, TimeProvider clock)
{
    /// <summary>A row for each secret; one with none for an application without.</summary>
    private const string Query =
        """
        SELECT a.id, a.enabled, a.minimum_signature_version, a.allowed_ips, a.refresh_key_encrypted, a.access_lifetime_seconds, a.refresh_idle_seconds, a.refresh_absolute_seconds,
            a.refresh_format, a.claims_profile, a.audience, a.resource_servers, a.session_scope, a.max_sessions_per_user, a.ip_handling, a.device_handling, s.id, s.secret_encrypted, s.expires_at
        FROM applications a LEFT JOIN application_secrets s ON s.application_id = a.id AND (s.expires_at IS NULL OR s.expires_at > $2)
        WHERE a.client_id = $1 ORDER BY s.slot
        """;

    /// <summary>The application with its live secrets, and why a value of it did not open; null when there is none of that name.</summary>
    /// <param name="clientId">Its name.</param>
    /// <param name="known">The same as it was read before: of this, only values that do not open any more are taken. A secret that was not known is left out.</param>
    /// <exception cref="CryptographicException">The key of its refresh tokens is not known and does not open.</exception>
    public async Task<(Application? Application, CryptographicException? Unopened)> ReadAsync(string clientId, Application? known = null)
    {
        await using var command = dataSource.CreateCommand(Query, Sql.Value(clientId), Sql.Value(clock.GetUtcNow().UtcDateTime));
        await using var reader = await command.ExecuteReaderAsync();
        if (!await reader.ReadAsync())
        {
            return (null, null);
        }

        CryptographicException? unopened = null;
        var id = reader.GetGuid(0);
        // Another application may have got its name.
        var refreshKey = Open(Data.Auth.Application.RefreshKeyField(id), 4, known is not null && known.Id == id ? known.RefreshKey : null) ?? throw unopened!;
        var (secrets, anyUnopened) = (new List<ApplicationSecret>(), false);
        var application = ToApplication(clientId, reader, refreshKey, secrets);
        do
        {
            if (reader.IsDBNull(16))
            {
                break;
            }

            var secretId = reader.GetGuid(16);
            if (Open(Data.Auth.ApplicationSecret.SecretField(secretId), 17, known?.Secrets.FirstOrDefault(s => s.Id == secretId)?.Key) is { } secret)
            {
                secrets.Add(new ApplicationSecret(secretId, secret, reader.IsDBNull(18) ? null : reader.GetFieldValue<DateTimeOffset>(18)));
            }
            else
            {
                anyUnopened = true;
            }
        }
        while (await reader.ReadAsync());
        return (application with { NoSecretOpens = anyUnopened && secrets.Count == 0 }, unopened);

        byte[]? Open(EncryptedField field, int column, byte[]? before)
        {
            try
            {
                return cipher.Decrypt(field, reader.GetFieldValue<byte[]>(column));
            }
            catch (CryptographicException exception)
            {
                unopened ??= exception;
                return before;
            }
        }
    }

    private Application ToApplication(string clientId, NpgsqlDataReader row, byte[] refreshKey, IReadOnlyList<ApplicationSecret> secrets) => new()
    {
        Id = row.GetGuid(0),
        ClientId = clientId,
        Issuer = options.Value.Issuer(clientId),
        Enabled = row.GetBoolean(1),
        MinimumSignatureVersion = row.GetInt16(2),
        AllowedAddresses = new AddressAllowList(row.GetFieldValue<string[]>(3)),
        Secrets = secrets,
        RefreshKey = refreshKey,
        AccessLifetime = TimeSpan.FromSeconds(row.GetInt32(5)),
        RefreshIdleLifetime = TimeSpan.FromSeconds(row.GetInt32(6)),
        RefreshAbsoluteLifetime = TimeSpan.FromSeconds(row.GetInt32(7)),
        RefreshTokensAreJwt = row.GetString(8) == RefreshFormats.Jwt,
        UsesSeedProfile = row.GetString(9) == ClaimsProfiles.Seed,
        Audience = row.IsDBNull(10) ? clientId : row.GetString(10),
        ResourceServers = row.GetFieldValue<string[]>(11),
        SessionScope = row.GetString(12),
        MaxSessionsPerUser = row.GetInt32(13),
        IpHandling = row.GetString(14),
        KeepsDevice = row.GetString(15) == DeviceHandlings.Store,
    };
}
