using AuthPlatform.Data.Encryption;
using AuthPlatform.Data.Keys;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>
/// A change of one application's keys, in one transaction that nobody else's change of them overlaps. All of it happens or nothing: a process that is killed leaves
/// one active and one next key at any moment.
/// </summary>
internal sealed class KeyChange(
    AsyncServiceScope scope,
    IDbContextTransaction transaction,
    KeysDbContext database,
    KeyApplication application,
    KeySettings settings,
    List<SigningKey> keys,
    DateTimeOffset now,
    ReadyKeys readyKeys,
    EnvelopeCipher cipher) : IAsyncDisposable
{
    public KeyApplication Application => application;

    public KeySettings Settings => settings;

    /// <summary>The keys that are not over.</summary>
    public IReadOnlyCollection<SigningKey> Keys => keys;

    /// <summary>The moment at which all of this happens.</summary>
    public DateTimeOffset Now => now;

    public SigningKey? Find(KeyState state) => KeyPolicy.Find(keys, state, now);

    /// <summary>The policy's plan for this moment.</summary>
    public KeyPlan Plan() => KeyPolicy.Plan(now, keys, settings, PendingRotation.Of(application));

    /// <summary>Step by step, because the database allows one active and one next key at every step.</summary>
    public async Task ApplyAsync(KeyPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Supersede is { } active)
        {
            active.SupersededAt = now;
            active.ExpiresAt = plan.SupersededUntil;
            DestroyPrivatePart(active);
            await database.SaveChangesAsync(cancellationToken);
            await ForgetPendingRotationAsync(cancellationToken);
        }

        if (plan.Promote is { } next)
        {
            next.ActivatedAt = now;
            await database.SaveChangesAsync(cancellationToken);
        }

        if (plan.CreateActive)
        {
            await AddAsync(active: true);
        }

        if (plan.CreateNext)
        {
            await AddAsync(active: false);
        }

        await database.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Takes a key out for ever; what it leaves missing is the policy's business.</summary>
    public async Task RevokeAsync(SigningKey key, CancellationToken cancellationToken)
    {
        key.RevokedAt = now;
        DestroyPrivatePart(key);
        await database.SaveChangesAsync(cancellationToken);
        keys.Remove(key);
    }

    /// <summary>Forgets the application and with it all its keys, those that are over too.</summary>
    public async Task DeleteAsync(CancellationToken cancellationToken)
    {
        await database.KeyApplications.Where(a => a.ClientId == application.ClientId).ExecuteDeleteAsync(cancellationToken);
        keys.Clear();
    }

    /// <summary>Adds a key that was made elsewhere; the active or next key it replaces must have given way before.</summary>
    public async Task ImportAsync(SigningKey key, CancellationToken cancellationToken)
    {
        database.SigningKeys.Add(key);
        keys.Add(key);
        await database.SaveChangesAsync(cancellationToken);
    }

    /// <summary>A key of the application by name, also one that is over.</summary>
    public Task<SigningKey?> FindAsync(string kid, CancellationToken cancellationToken) =>
        database.SigningKeys.SingleOrDefaultAsync(k => k.ClientId == application.ClientId && k.Kid == kid, cancellationToken);

    /// <summary>Changes columns of the application's row.</summary>
    public Task UpdateApplicationAsync(Action<Microsoft.EntityFrameworkCore.Query.UpdateSettersBuilder<KeyApplication>> setters, CancellationToken cancellationToken) =>
        database.KeyApplications.Where(a => a.ClientId == application.ClientId).ExecuteUpdateAsync(setters, cancellationToken);

    /// <summary>Makes it all happen; returns the version from which on it is visible.</summary>
    public async Task<long> CommitAsync(CancellationToken cancellationToken)
    {
        // Last, because every change of any application waits here for the one before it.
        var version = (await database.Database
            .SqlQuery<long>($"UPDATE key_ring_versions SET version = version + 1 RETURNING version AS \"Value\"")
            .ToListAsync(cancellationToken)).Single();
        await transaction.CommitAsync(cancellationToken);
        return version;
    }

    public ValueTask DisposeAsync() => scope.DisposeAsync();

    private Task ForgetPendingRotationAsync(CancellationToken cancellationToken) =>
        UpdateApplicationAsync(set => set.SetProperty(a => a.RotationDueAt, (DateTimeOffset?)null).SetProperty(a => a.RotationRetainSeconds, (int?)null), cancellationToken);

    private static void DestroyPrivatePart(SigningKey key)
    {
        key.PrivateKeyEncrypted = null;
        key.EncryptionKey = null;
    }

    private async Task AddAsync(bool active)
    {
        using var pair = await readyKeys.TakeAsync(settings.KeySize);
        var key = KeyPair.ToRow(application.ClientId, pair, active, cipher, now);
        database.SigningKeys.Add(key);
        keys.Add(key);
    }
}
