using AuthPlatform.Data;
using AuthPlatform.TokenApi.Sessions;
using Npgsql;
using Application = AuthPlatform.TokenApi.Requests.Application;

namespace AuthPlatform.IntegrationTests;

/// <summary>Sessions of users as the parts of a Token API take them, and locks that others have on them.</summary>
internal static class UserSessions
{
    private const string Import =
        """
        INSERT INTO sessions (id, application_id, unique_key, device, device_hash, ip, key_id, created_at, refreshed_at, tokens_until, idle_expires_at, absolute_expires_at)
        SELECT gen_random_uuid(), a.id, $1, n, sha256(convert_to(n::text, 'UTF8')), '', 'none', now(), now() - make_interval(mins => n), now(), now() + interval '1 day', now() + interval '1 day'
        FROM applications AS a CROSS JOIN generate_series(1, $2) AS n
        """;

    /// <summary>One that starts now.</summary>
    public static NewSession New(string user, string device = "")
    {
        var now = SessionTime.Now(TimeProvider.System);
        return new NewSession
        {
            Id = Guid.CreateVersion7(now),
            UniqueKey = user,
            Place = new UserPlace(device, ""),
            Scope = null,
            Claims = null,
            KeyId = "none",
            StartedAt = now,
            TokensUntil = now.AddMinutes(5),
            IdleExpiresAt = now.AddDays(1),
            AbsoluteExpiresAt = now.AddDays(1),
        };
    }

    /// <summary>As an import brings them, which ends none that there are: on devices from 1 on, the first was used last.</summary>
    public static async Task ImportAsync(NpgsqlDataSource dataSource, string user, int count, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Import, Sql.Value(user), Sql.Value(count));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Takes the locks of users until the transaction ends.</summary>
    public static async Task HoldAsync(NpgsqlTransaction transaction, Application application, string[] users, CancellationToken cancellationToken)
    {
        await using var hold = new NpgsqlCommand("SELECT pg_advisory_xact_lock(hashtextextended(u.name, 0)) FROM unnest($1) AS u (name)", transaction.Connection, transaction)
        {
            Parameters = { Sql.Value<string[]>([.. users.Select(user => SessionBatches.UserLock(application, user))]) },
        };
        await hold.ExecuteNonQueryAsync(cancellationToken);
    }
}
