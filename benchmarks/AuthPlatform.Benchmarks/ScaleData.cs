using System.Security.Cryptography;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Encryption;
using AuthPlatform.Data.Keys;
using AuthPlatform.KeyManager.Keys;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace AuthPlatform.Benchmarks;

/// <summary>Applications with secrets and keys that work, and live sessions of all of them.</summary>
internal static class ScaleData
{
    /// <summary>Looking for primes takes a tenth of a second, so applications share what their keys are made of; each is encrypted for itself.</summary>
    private const int KeyPairs = 16;

    private const int RowsAtOnce = 1_000;

    /// <summary>
    /// Ids and times rise together, and applications all number their users from the same number on, as they do in life. All sessions are refreshed within six days and live for another
    /// one at least.
    /// </summary>
    private const string Sessions =
        """
        INSERT INTO sessions (id, application_id, unique_key, device, device_hash, ip, key_id, generation, created_at, refreshed_at, tokens_until, idle_expires_at, absolute_expires_at,
            sweep_at)
        SELECT uuidv7(age), a.id, 'user-' || n / (SELECT count(*) FROM applications), device, sha256(device::bytea), '203.0.' || n % 250 || '.' || n % 251, a.kid, n % 9, t, t, t + interval '5 minutes', t + interval '7 days', t + interval '30 days',
            t + interval '7 days'
        FROM generate_series(1, $1) n
        CROSS JOIN LATERAL (SELECT make_interval(secs => -518400.0 * ($1 - n) / $1) AS age, 'device ' || n % 50 AS device) d
        CROSS JOIN LATERAL (SELECT now() + d.age AS t) time
        JOIN (SELECT id, 'key of ' || client_id AS kid, row_number() OVER (ORDER BY id) - 1 AS nr FROM applications) a ON a.nr = n % (SELECT count(*) FROM applications)
        """;

    /// <returns>The client ids.</returns>
    public static async Task<IReadOnlyList<string>> MakeAsync(Platform platform, int sessions, int applications, CancellationToken cancellationToken)
    {
        var names = Enumerable.Range(1, applications).Select(number => $"app-{number}").ToList();
        var cipher = new EnvelopeCipher([platform.EncryptionKey]);
        await MakeApplicationsAsync(platform, names, cipher, cancellationToken);
        await MakeKeysAsync(platform, names, cipher, cancellationToken);
        await MakeSessionsAsync(await platform.AuthDatabaseAsync(cancellationToken), sessions, cancellationToken);
        await WaitForKeysAsync(platform, names[^1], cancellationToken);
        return names;
    }

    private static async Task MakeApplicationsAsync(Platform platform, IReadOnlyList<string> names, EnvelopeCipher cipher, CancellationToken cancellationToken)
    {
        var now = TimeProvider.System.GetUtcNow();
        var options = new DbContextOptionsBuilder<AuthDbContext>().UseNpgsql(await platform.AuthDatabaseAsync(cancellationToken)).Options;
        foreach (var some in names.Chunk(RowsAtOnce))
        {
            await using var database = new AuthDbContext(options);
            foreach (var name in some)
            {
                var application = ApplicationRegistration.NewApplication(name, name, cipher, now);
                database.Applications.Add(application);
                database.Add(ApplicationRegistration.NewSecret(application.Id, 1, platform.ClientSecret, cipher, now));
            }

            await database.SaveChangesAsync(cancellationToken);
        }
    }

    /// <summary>An active and a next key for each, added with their applications: the Key Manager finds nothing that it would have to make.</summary>
    private static async Task MakeKeysAsync(Platform platform, IReadOnlyList<string> names, EnvelopeCipher cipher, CancellationToken cancellationToken)
    {
        var now = TimeProvider.System.GetUtcNow();
        var options = new DbContextOptionsBuilder<KeysDbContext>().UseNpgsql(await platform.KeysDatabaseAsync(cancellationToken)).Options;
        var pairs = Enumerable.Range(0, KeyPairs).Select(_ => RSA.Create(2048)).ToArray();
        var next = 0;
        foreach (var some in names.Chunk(RowsAtOnce))
        {
            await using var database = new KeysDbContext(options);
            foreach (var name in some)
            {
                database.KeyApplications.Add(new KeyApplication { ClientId = name, CreatedAt = now });
                database.SigningKeys.AddRange(
                    KeyPair.ToRow(name, pairs[next++ % KeyPairs], active: true, cipher, now), KeyPair.ToRow(name, pairs[next++ % KeyPairs], active: false, cipher, now));
            }

            await database.SaveChangesAsync(cancellationToken);
        }

        Array.ForEach(pairs, pair => pair.Dispose());
    }

    /// <summary>Indexes are made afterwards, which is several times as fast; what refers to applications is right by the statement itself.</summary>
    private static async Task MakeSessionsAsync(string connectionString, int sessions, CancellationToken cancellationToken)
    {
        await using var database = NpgsqlDataSource.Create(connectionString);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await ExecuteAsync("SET session_replication_role = replica");
        await ExecuteAsync("SET maintenance_work_mem = '1GB'");
        var (indexes, definitions) = (new List<string>(), new List<string>());
        await using (var command = new NpgsqlCommand("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'sessions' AND indexdef NOT LIKE '%(id)'", connection))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                indexes.Add(reader.GetString(0));
                definitions.Add(reader.GetString(1));
            }
        }

        await ExecuteAsync($"DROP INDEX {string.Join(", ", indexes)}");
        await ExecuteAsync(Sessions, sessions);
        foreach (var definition in definitions)
        {
            await ExecuteAsync(definition);
        }

        await ExecuteAsync("VACUUM ANALYZE");
        await ExecuteAsync("CHECKPOINT");

        async Task ExecuteAsync(string sql, int? number = null)
        {
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
            if (number is { } value)
            {
                command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = value });
            }

            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static async Task WaitForKeysAsync(Platform platform, string name, CancellationToken cancellationToken)
    {
        using var client = platform.Client(platform.Gateway, name);
        while ((await client.GetAsync($"/auth/{name}/jwks", null, cancellationToken)).Status != 200)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
        }
    }
}
