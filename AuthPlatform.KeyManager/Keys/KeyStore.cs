using System.Data.Common;
using AuthPlatform.Data;
using AuthPlatform.Data.Encryption;
using AuthPlatform.Data.Keys;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>The keys in the database.</summary>
internal sealed partial class KeyStore(
    NpgsqlDataSource dataSource, EnvelopeCipher cipher, ReadyKeys readyKeys, IOptions<KeyOptions> options, DatabaseClock clock, ILogger<KeyStore> logger)
{
    private const string NotOver = "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $1)";

    /// <summary>Since <c>$1</c> those that were revoked, and since <c>$2</c> those that a rotation ended at once.</summary>
    private const string Refused = "revoked_at > $1 OR (superseded_at > $2 AND expires_at <= superseded_at)";

    /// <summary>One replica at a time changes the keys of an application. The lock ends with the transaction, however that ends: also when this process is killed.</summary>
    private const string LockId = "hashtextextended('signing_keys:' || $1, 0)";

    /// <summary>How long a read may take; a database that needs longer counts as away.</summary>
    public static readonly TimeSpan ReadLimit = TimeSpan.FromSeconds(5);

    /// <summary>So many past keys of an application are listed: one that rotates every minute leaves half a million in a year.</summary>
    private const int MostPast = 100;

    /// <summary>For so long the names of revoked keys are told to everybody who asks what has changed; by then nobody holds an older copy of the keys.</summary>
    private static readonly TimeSpan RevokedAreToldFor = TimeSpan.FromDays(30);

    /// <summary>The same for those that were ended at once: an application may do that every minute, and its access tokens live an hour at most.</summary>
    private static readonly TimeSpan EndedAreToldFor = TimeSpan.FromDays(1);

    /// <summary>
    /// What is not as it is known to be: each change says whose keys it was about, and only those are read. All applications are when nothing is known, or somebody has made
    /// changes by hand. Null when everything is as it was.
    /// </summary>
    public async Task<KeyRows?> ReadAsync(KeyRingSnapshot? known, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        // The version first: should something change in between, the rows are newer than they claim, and are read once more than needed.
        var (version, applications, changed) = await ReadVersionAsync(connection, known?.Version, cancellationToken);
        if (known is null || changed.Length != version - known.Version)
        {
            return await ReadRowsAsync(connection, version, null, cancellationToken);
        }

        var clientIds = changed.Concat(known.OutOfDate(clock.GetUtcNow())).ToHashSet(StringComparer.Ordinal);
        if (clientIds.Count == 0 && applications == known.Sets.Count)
        {
            return null;
        }

        var rows = await ReadRowsAsync(connection, version, clientIds, cancellationToken);
        // Applications are counted because they may be added by hand.
        return known.Sets.Count - clientIds.Count(known.Sets.ContainsKey) + rows.Applications.Count == applications
            ? rows
            : await ReadRowsAsync(connection, version, null, cancellationToken);
    }

    /// <summary>The keys of one application, of past ones the newest, and how many more of those there are; null when there is no such application.</summary>
    public async Task<(KeySettings Settings, PendingRotation? Pending, List<SigningKey> Keys, int Unlisted, DateTimeOffset Now)?> ListAsync(string clientId, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        if (await FindApplicationAsync(connection, clientId, cancellationToken) is not { } application)
        {
            return null;
        }

        var now = await ReadTimeAsync(connection, cancellationToken);
        var keys = await connection.QueryAsync(
            $"""
            SELECT {KeySql.KeyColumns} FROM signing_keys WHERE {NotOver} AND client_id = $2
            UNION ALL
            (SELECT {KeySql.KeyColumns} FROM signing_keys WHERE NOT ({NotOver}) AND client_id = $2 ORDER BY created_at DESC LIMIT {MostPast})
            """,
            [Sql.Value(now), Sql.Value(clientId)],
            KeySql.ReadKey,
            cancellationToken);
        var unlisted = keys.Count < MostPast ? 0 : await CountAsync(connection, clientId, cancellationToken) - keys.Count;
        return (SettingsOf(application), PendingRotation.Of(application), keys, unlisted, now);
    }

    /// <summary>
    /// Begins a change of an application's keys: nobody else changes them until it is disposed of. Null when there is no such application, unless it is to be
    /// registered, or when somebody else is changing them and <paramref name="wait"/> is false.
    /// </summary>
    public async Task<KeyChange?> BeginAsync(string clientId, bool register, bool wait, CancellationToken cancellationToken)
    {
        var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        try
        {
            var transaction = await connection.BeginTransactionAsync(cancellationToken);
            if (!await LockAsync(connection, clientId, wait, cancellationToken))
            {
                await connection.DisposeAsync();
                return null;
            }

            var now = await ReadTimeAsync(connection, cancellationToken);
            if (register)
            {
                await connection.ExecuteAsync(KeyRegistration.Sql, [Sql.Value(clientId), Sql.Value(now)], cancellationToken);
            }

            if (await FindApplicationAsync(connection, clientId, cancellationToken) is not { } application)
            {
                await connection.DisposeAsync();
                return null;
            }

            var keys = await connection.QueryAsync(
                $"SELECT {KeySql.KeyColumns} FROM signing_keys WHERE {NotOver} AND client_id = $2", [Sql.Value(now), Sql.Value(clientId)], KeySql.ReadKey, cancellationToken);
            return new KeyChange(connection, transaction, application, SettingsOf(application), keys, now, readyKeys, cipher);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Whether an exception says that the database does not answer, or not as it should.</summary>
    public static bool IsOutage(Exception exception) => exception is DbException or TimeoutException;

    /// <summary>The cheap question whether anything has changed: the version, how many applications there are, and for each version since the one that is known whose keys it was about.</summary>
    private async Task<(long Version, int Applications, string[] Changed)> ReadVersionAsync(NpgsqlConnection connection, long? known, CancellationToken cancellationToken)
    {
        const string Version =
            """
            SELECT version, (SELECT count(*)::int FROM key_applications), ARRAY(SELECT c.client_id::text FROM key_ring_changes AS c WHERE c.version > $1), clock_timestamp()
            FROM key_ring_versions
            """;
        var asked = clock.GetTimestamp();
        var (version, applications, changed, now) = (await connection.QueryAsync(
            Version,
            [Sql.Value(known ?? long.MaxValue)],
            row => (row.GetInt64(0), row.GetInt32(1), row.GetFieldValue<string[]>(2), row.GetFieldValue<DateTimeOffset>(3)),
            cancellationToken)).Single();
        clock.Learn(now, asked);
        return (version, applications, changed);
    }

    /// <summary>The applications that have or should have keys, with those that are not over: all of them, or some.</summary>
    private async Task<KeyRows> ReadRowsAsync(NpgsqlConnection connection, long version, HashSet<string>? clientIds, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var keys = await connection.QueryAsync($"SELECT {KeySql.KeyColumns} FROM signing_keys WHERE {NotOver} AND {Whose(2)}", With(Sql.Value(now)), KeySql.ReadKey, cancellationToken);
        var refused = await connection.QueryAsync(
            $"SELECT kid FROM signing_keys WHERE ({Refused}) AND {Whose(3)}", With(Sql.Value(now - RevokedAreToldFor), Sql.Value(now - EndedAreToldFor)), row => row.GetString(0), cancellationToken);
        // The applications last: one that is added in between then has no keys for the moment, instead of keys that belong to nobody.
        var applications = await connection.QueryAsync($"SELECT {KeySql.ApplicationColumns} FROM key_applications WHERE {Whose(1)}", With(), KeySql.ReadApplication, cancellationToken);
        var byApplication = keys.ToLookup(k => k.ClientId, StringComparer.Ordinal);
        return new KeyRows(
            version,
            clientIds,
            applications.ToDictionary(
                a => a.ClientId,
                a => new ApplicationKeys(SettingsOf(a), PendingRotation.Of(a), [.. byApplication[a.ClientId]]),
                StringComparer.Ordinal),
            refused);

        string Whose(int number) => clientIds is null ? "true" : $"client_id = ANY(${number})";

        NpgsqlParameter[] With(params NpgsqlParameter[] others) => clientIds is null ? others : [.. others, Sql.Value<string[]>([.. clientIds])];
    }

    private async Task<DateTimeOffset> ReadTimeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var asked = clock.GetTimestamp();
        var now = (await connection.QueryAsync("SELECT clock_timestamp()", [], row => row.GetFieldValue<DateTimeOffset>(0), cancellationToken)).Single();
        clock.Learn(now, asked);
        return now;
    }

    private static async Task<KeyApplication?> FindApplicationAsync(NpgsqlConnection connection, string clientId, CancellationToken cancellationToken) =>
        (await connection.QueryAsync(
            $"SELECT {KeySql.ApplicationColumns} FROM key_applications WHERE client_id = $1", [Sql.Value(clientId)], KeySql.ReadApplication, cancellationToken)).SingleOrDefault();

    private static async Task<int> CountAsync(NpgsqlConnection connection, string clientId, CancellationToken cancellationToken) =>
        (await connection.QueryAsync("SELECT count(*)::int FROM signing_keys WHERE client_id = $1", [Sql.Value(clientId)], row => row.GetInt32(0), cancellationToken)).Single();

    private static async Task<bool> LockAsync(NpgsqlConnection connection, string clientId, bool wait, CancellationToken cancellationToken)
    {
        if (!wait)
        {
            return (await connection.QueryAsync($"SELECT pg_try_advisory_xact_lock({LockId})", [Sql.Value(clientId)], row => row.GetBoolean(0), cancellationToken)).Single();
        }

        await connection.ExecuteAsync($"SELECT pg_advisory_xact_lock({LockId})", [Sql.Value(clientId)], cancellationToken);
        return true;
    }

    private KeySettings SettingsOf(KeyApplication application)
    {
        var settings = KeySettings.Of(application, options.Value);
        var problems = settings.Problems(options.Value.AllowUnsafeSchedule);
        if (problems.Count == 0)
        {
            return settings;
        }

        Log.SettingsRefused(logger, application.ClientId, string.Join(' ', problems));
        return options.Value.Defaults;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The key settings of {ClientId} are refused, the defaults are used instead: {Problems}")]
        public static partial void SettingsRefused(ILogger logger, string clientId, string problems);
    }
}
