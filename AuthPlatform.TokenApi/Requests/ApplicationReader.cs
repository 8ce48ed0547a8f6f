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

    /// <summary>The application with its live secrets; null when there is none of that name.</summary>
    public async Task<Application?> ReadAsync(string clientId)
    {
        await using var command = dataSource.CreateCommand(Query);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = clientId });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
        await using var reader = await command.ExecuteReaderAsync();
        if (!await reader.ReadAsync())
        {
            return null;
        }

        var secrets = new List<ApplicationSecret>();
        var application = ToApplication(clientId, reader, secrets);
        do
        {
            if (!reader.IsDBNull(16))
            {
                var id = reader.GetGuid(16);
                secrets.Add(new ApplicationSecret(id, cipher.Decrypt(Data.Auth.ApplicationSecret.SecretField(id), reader.GetFieldValue<byte[]>(17)), reader.IsDBNull(18) ? null : reader.GetFieldValue<DateTimeOffset>(18)));
            }
        }
        while (await reader.ReadAsync());
        return application;
    }

    private Application ToApplication(string clientId, NpgsqlDataReader row, IReadOnlyList<ApplicationSecret> secrets) => new()
    {
        Id = row.GetGuid(0),
        ClientId = clientId,
        Issuer = options.Value.Issuer(clientId),
        Enabled = row.GetBoolean(1),
        MinimumSignatureVersion = row.GetInt16(2),
        AllowedAddresses = new AddressAllowList(row.GetFieldValue<string[]>(3)),
        Secrets = secrets,
        RefreshKey = cipher.Decrypt(Data.Auth.Application.RefreshKeyField(row.GetGuid(0)), row.GetFieldValue<byte[]>(4)),
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
