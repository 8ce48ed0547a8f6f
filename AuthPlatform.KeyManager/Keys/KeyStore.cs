using System.Data.Common;
using AuthPlatform.Data.Encryption;
using AuthPlatform.Data.Keys;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>The keys in the database.</summary>
internal sealed partial class KeyStore(
    IServiceScopeFactory scopes, EnvelopeCipher cipher, ReadyKeys readyKeys, IOptions<KeyOptions> options, TimeProvider clock, ILogger<KeyStore> logger)
{
    /// <summary>How long a read may take; a database that needs longer counts as away.</summary>
    public static readonly TimeSpan ReadLimit = TimeSpan.FromSeconds(5);

    /// <summary>For so long the names of revoked keys are told to everybody who asks what has changed; by then nobody holds an older copy of the keys.</summary>
    private static readonly TimeSpan RevokedAreToldFor = TimeSpan.FromDays(30);

    /// <summary>The cheap question whether anything has changed. Applications are counted because they may be added by hand.</summary>
    public async Task<(long Version, int Applications)> ReadVersionAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await ReadVersionAsync(Database(scope), cancellationToken);
    }

    /// <summary>Every application that has or should have keys, with those that are not over.</summary>
    public async Task<KeyRows> ReadAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var database = Database(scope);
        var now = clock.GetUtcNow();

        // The version first: should something change in between, the rows are newer than they claim, and are read once more than needed.
        var (version, _) = await ReadVersionAsync(database, cancellationToken);
        var keys = await NotOver(database, now).AsNoTracking().ToListAsync(cancellationToken);
        var revoked = await database.SigningKeys.Where(k => k.RevokedAt > now - RevokedAreToldFor).Select(k => k.Kid).ToListAsync(cancellationToken);
        // The applications last: one that is added in between then has no keys for the moment, instead of keys that belong to nobody.
        var applications = await database.KeyApplications.AsNoTracking().ToListAsync(cancellationToken);
        var byApplication = keys.ToLookup(k => k.ClientId, StringComparer.Ordinal);
        return new KeyRows(
            version,
            applications.ToDictionary(
                a => a.ClientId,
                a => new ApplicationKeys(SettingsOf(a), PendingRotation.Of(a), [.. byApplication[a.ClientId]]),
                StringComparer.Ordinal),
            revoked);
    }

    /// <summary>All keys of one application, past ones included; null when there is no such application.</summary>
    public async Task<(KeySettings Settings, PendingRotation? Pending, List<SigningKey> Keys, DateTimeOffset Now)?> ListAsync(string clientId, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var database = Database(scope);
        return await database.KeyApplications.AsNoTracking().SingleOrDefaultAsync(a => a.ClientId == clientId, cancellationToken) is { } application
            ? (SettingsOf(application), PendingRotation.Of(application), await database.SigningKeys.AsNoTracking().Where(k => k.ClientId == clientId).ToListAsync(cancellationToken), clock.GetUtcNow())
            : null;
    }

    /// <summary>
    /// Begins a change of an application's keys: nobody else changes them until it is disposed of. Null when there is no such application, unless it is to be
    /// registered, or when somebody else is changing them and <paramref name="wait"/> is false.
    /// </summary>
    public async Task<KeyChange?> BeginAsync(string clientId, bool register, bool wait, CancellationToken cancellationToken)
    {
        var scope = scopes.CreateAsyncScope();
        try
        {
            var database = Database(scope);
            var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
            if (!await LockAsync(database, clientId, wait, cancellationToken))
            {
                await scope.DisposeAsync();
                return null;
            }

            var now = clock.GetUtcNow();
            if (register)
            {
                await database.Database.ExecuteSqlAsync($"INSERT INTO key_applications (client_id, created_at) VALUES ({clientId}, {now}) ON CONFLICT (client_id) DO NOTHING", cancellationToken);
            }

            if (await database.KeyApplications.AsNoTracking().SingleOrDefaultAsync(a => a.ClientId == clientId, cancellationToken) is not { } application)
            {
                await scope.DisposeAsync();
                return null;
            }

            var keys = await NotOver(database, now).Where(k => k.ClientId == clientId).ToListAsync(cancellationToken);
            return new KeyChange(scope, transaction, database, application, SettingsOf(application), keys, now, readyKeys, cipher);
        }
        catch
        {
            await scope.DisposeAsync();
            throw;
        }
    }

    /// <summary>Whether an exception says that the database does not answer, or not as it should. EF wraps such failures now and then.</summary>
    public static bool IsOutage(Exception exception) => exception switch
    {
        DbException or TimeoutException => true,
        InvalidOperationException or DbUpdateException => exception.InnerException is { } inner && IsOutage(inner),
        _ => false,
    };

    private static KeysDbContext Database(AsyncServiceScope scope)
    {
        var database = scope.ServiceProvider.GetRequiredService<KeysDbContext>();
        database.Database.SetCommandTimeout(ReadLimit);
        return database;
    }

    private static async Task<(long Version, int Applications)> ReadVersionAsync(KeysDbContext database, CancellationToken cancellationToken)
    {
        var row = await database.KeyRingVersions.Select(v => new { v.Version, Applications = database.KeyApplications.Count() }).SingleAsync(cancellationToken);
        return (row.Version, row.Applications);
    }

    private static IQueryable<SigningKey> NotOver(KeysDbContext database, DateTimeOffset now) =>
        database.SigningKeys.Where(k => k.RevokedAt == null && (k.ExpiresAt == null || k.ExpiresAt > now));

    /// <summary>One replica at a time changes the keys of an application. The lock ends with the transaction, however that ends: also when this process is killed.</summary>
    private static async Task<bool> LockAsync(KeysDbContext database, string clientId, bool wait, CancellationToken cancellationToken)
    {
        if (!wait)
        {
            return await database.Database
                .SqlQuery<bool>($"SELECT pg_try_advisory_xact_lock(hashtextextended('signing_keys:' || {clientId}, 0)) AS \"Value\"")
                .SingleAsync(cancellationToken);
        }

        await database.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended('signing_keys:' || {clientId}, 0))", cancellationToken);
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
