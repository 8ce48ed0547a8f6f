using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace AuthPlatform.TokenApi.Sessions;

/// <summary>The statements on sessions; each is one round trip that is right under any race.</summary>
internal sealed class SessionStore(NpgsqlDataSource dataSource)
{
    /// <summary>
    /// The row of a (application, user, device, ip) is taken over, and what stood in it before is revoked, in one statement. The conflict action always sees
    /// the latest committed row, so of many sign-ins at once each but the last is revoked by its successor.
    /// </summary>
    private const string Start =
        """
        WITH started AS (
            INSERT INTO sessions (id, application_id, unique_key, device, device_hash, ip, generation, created_at, refreshed_at, idle_expires_at, absolute_expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $7, $8, $9)
            ON CONFLICT (application_id, unique_key, device_hash, ip) DO UPDATE SET
                replaced_id = sessions.id, id = EXCLUDED.id, generation = 0, created_at = EXCLUDED.created_at, refreshed_at = EXCLUDED.refreshed_at,
                idle_expires_at = EXCLUDED.idle_expires_at, absolute_expires_at = EXCLUDED.absolute_expires_at
            RETURNING replaced_id)
        INSERT INTO revocations (application_id, session_id, reason, revoked_at, until)
        SELECT $2, replaced_id, 'replaced', $7, $10 FROM started WHERE replaced_id IS NOT NULL
        """;

    public async Task StartAsync(NewSession session, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Start);
        var parameters = command.Parameters;
        parameters.Add(new NpgsqlParameter<Guid> { TypedValue = session.Id });
        parameters.Add(new NpgsqlParameter<Guid> { TypedValue = session.ApplicationId });
        parameters.Add(new NpgsqlParameter<string> { TypedValue = session.UniqueKey });
        parameters.Add(new NpgsqlParameter<string> { TypedValue = session.Device });
        parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = SHA256.HashData(Encoding.UTF8.GetBytes(session.Device)) });
        parameters.Add(new NpgsqlParameter<string> { TypedValue = session.Ip });
        parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = session.StartedAt.UtcDateTime });
        parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = session.IdleExpiresAt.UtcDateTime });
        parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = session.AbsoluteExpiresAt.UtcDateTime });
        parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = session.ReplacedTokensUntil.UtcDateTime });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
