using System.Data.Common;
using AuthPlatform.Data.Encryption;
using AuthPlatform.Data.Keys;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>The keys in the database.</summary>
internal sealed class KeyStore(IServiceScopeFactory scopes, EnvelopeCipher cipher, TimeProvider clock)
{
    /// <summary>How long a read may take; a database that needs longer counts as away.</summary>
    public static readonly TimeSpan ReadLimit = TimeSpan.FromSeconds(5);

    /// <summary>Every application that has or should have keys, with those that are not over.</summary>
    public async Task<IReadOnlyDictionary<string, List<SigningKey>>> ReadAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<KeysDbContext>();
        database.Database.SetCommandTimeout(ReadLimit);
        var now = clock.GetUtcNow();

        // The applications last: one that is added in between then has no keys for the moment, instead of keys that belong to nobody.
        var keys = await database.SigningKeys.AsNoTracking()
            .Where(k => k.RevokedAt == null && (k.ExpiresAt == null || k.ExpiresAt > now))
            .ToListAsync(cancellationToken);
        var clientIds = await database.KeyApplications.Select(a => a.ClientId).ToListAsync(cancellationToken);
        var byApplication = clientIds.ToDictionary(id => id, _ => new List<SigningKey>(), StringComparer.Ordinal);
        foreach (var key in keys)
        {
            if (byApplication.TryGetValue(key.ClientId, out var own))
            {
                own.Add(key);
            }
        }

        return byApplication;
    }

    /// <summary>
    /// Makes what an application lacks; nothing when it lacks nothing, or does not exist. With <paramref name="register"/> it exists from now on, and nobody ever
    /// sees it without keys. Returns the plan that was carried out.
    /// </summary>
    public async Task<KeyPlan?> CompleteAsync(string clientId, bool register, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<KeysDbContext>();
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);

        // Only one replica at a time makes keys for an application; the others wait here and then find them. The lock ends with the transaction, however that ends.
        await database.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended('signing_keys:' || {clientId}, 0))", cancellationToken);
        var now = clock.GetUtcNow();
        if (register)
        {
            await database.Database.ExecuteSqlAsync($"INSERT INTO key_applications (client_id, created_at) VALUES ({clientId}, {now}) ON CONFLICT (client_id) DO NOTHING", cancellationToken);
        }

        var application = await database.KeyApplications.AsNoTracking().SingleOrDefaultAsync(a => a.ClientId == clientId, cancellationToken);
        if (application is null)
        {
            return null;
        }

        var keys = await database.SigningKeys.Where(k => k.ClientId == clientId && k.RevokedAt == null && k.SupersededAt == null).ToListAsync(cancellationToken);
        var plan = KeyPolicy.Plan(keys, now);
        if (plan.Promote is { } next)
        {
            next.ActivatedAt = now;
            // Before the new next key is added, or there would be two of them for a moment.
            await database.SaveChangesAsync(cancellationToken);
        }

        if (plan.CreateActive)
        {
            database.SigningKeys.Add(KeyPair.Generate(application, active: true, cipher, now));
        }

        if (plan.CreateNext)
        {
            database.SigningKeys.Add(KeyPair.Generate(application, active: false, cipher, now));
        }

        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return plan;
    }

    /// <summary>Whether an exception says that the database does not answer, or not as it should. EF wraps such failures now and then.</summary>
    public static bool IsOutage(Exception exception) => exception switch
    {
        DbException or TimeoutException => true,
        InvalidOperationException or DbUpdateException => exception.InnerException is { } inner && IsOutage(inner),
        _ => false,
    };
}
