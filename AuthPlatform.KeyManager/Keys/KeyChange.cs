using AuthPlatform.Data;
using AuthPlatform.Data.Encryption;
using AuthPlatform.Data.Keys;
using Npgsql;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>
/// A change of one application's keys, in one transaction that nobody else's change of them overlaps. All of it happens or nothing: a process that is killed leaves
/// one active and one next key at any moment.
/// </summary>
internal sealed class KeyChange(
    NpgsqlConnection connection,
    NpgsqlTransaction transaction,
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

    /// <summary>
    /// Step by step, because the database allows one active and one next key at every step. A rotation that was still to come is off with any of them: it was about the next
    /// key of before, and a key that is announced only now must not follow within minutes.
    /// </summary>
    public async Task ApplyAsync(KeyPlan plan, CancellationToken cancellationToken)
    {
        if (PendingRotation.Of(application) is not null && (plan.Supersede is not null || !plan.IsNothing))
        {
            await CallOffAsync(hasTakenOver: plan.Promote is not null, cancellationToken);
        }

        if (plan.Supersede is { } active)
        {
            active.SupersededAt = now;
            active.ExpiresAt = plan.SupersededUntil;
            await EndAsync(active, "superseded_at = $2, expires_at = $3", [Sql.Value(active.SupersededAt), Sql.Value(active.ExpiresAt)], cancellationToken);
        }

        if (plan.Promote is { } next)
        {
            next.ActivatedAt = now;
            await connection.ExecuteAsync("UPDATE signing_keys SET activated_at = $2 WHERE id = $1", [Sql.Value(next.Id), Sql.Value(now)], cancellationToken);
        }

        if (plan.CreateActive)
        {
            await AddAsync(active: true, cancellationToken);
        }

        if (plan.CreateNext)
        {
            await AddAsync(active: false, cancellationToken);
        }
    }

    /// <summary>Takes a key out for ever; what it leaves missing is the policy's business.</summary>
    public async Task RevokeAsync(SigningKey key, CancellationToken cancellationToken)
    {
        key.RevokedAt = now;
        await EndAsync(key, "revoked_at = $2", [Sql.Value(now)], cancellationToken);
        keys.Remove(key);
    }

    /// <summary>Forgets the application and with it all its keys, those that are over too.</summary>
    public async Task DeleteAsync(CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync("DELETE FROM key_applications WHERE client_id = $1", [Sql.Value(application.ClientId)], cancellationToken);
        keys.Clear();
    }

    /// <summary>Adds a key; the active or next key it replaces must have given way before.</summary>
    public async Task AddAsync(SigningKey key, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(
            $"INSERT INTO signing_keys ({KeySql.KeyColumns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
            [
                Sql.Value(key.Id),
                Sql.Value(key.Kid),
                Sql.Value(key.ClientId),
                Sql.Value(key.Algorithm),
                Sql.Value(key.KeySize),
                Sql.Value(key.PublicKey),
                Sql.Value(key.PrivateKeyEncrypted),
                Sql.Value(key.EncryptionKey),
                Sql.Value(key.CreatedAt),
                Sql.Value(key.AnnouncedAt),
                Sql.Value(key.ActivatedAt),
                Sql.Value(key.SupersededAt),
                Sql.Value(key.ExpiresAt),
                Sql.Value(key.RevokedAt),
            ],
            cancellationToken);
        keys.Add(key);
    }

    /// <summary>A key of the application by name, also one that is over.</summary>
    public async Task<SigningKey?> FindAsync(string kid, CancellationToken cancellationToken) =>
        keys.Find(k => k.Kid == kid)
        ?? (await connection.QueryAsync(
            $"SELECT {KeySql.KeyColumns} FROM signing_keys WHERE client_id = $1 AND kid = $2",
            [Sql.Value(application.ClientId), Sql.Value(kid)],
            KeySql.ReadKey,
            cancellationToken)).SingleOrDefault();

    /// <summary>Keeps the application's settings as they are in <see cref="Application"/> now.</summary>
    public Task SaveSettingsAsync(CancellationToken cancellationToken) => connection.ExecuteAsync(
        "UPDATE key_applications SET key_size = $2, rotate_every_seconds = $3, announce_seconds = $4, retain_seconds = $5 WHERE client_id = $1",
        [
            Sql.Value(application.ClientId),
            Sql.Value(application.KeySize),
            Sql.Value(application.RotateEverySeconds),
            Sql.Value(application.AnnounceSeconds),
            Sql.Value(application.RetainSeconds),
        ],
        cancellationToken);

    /// <summary>Keeps how a request for a rotation was answered.</summary>
    /// <param name="requestId">What names the request, if anything does.</param>
    /// <param name="answer">JSON.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task RememberAsync(string? requestId, string answer, CancellationToken cancellationToken) => connection.ExecuteAsync(
        "UPDATE key_applications SET rotated_at = $2, rotation_request = $3, rotation_answer = $4 WHERE client_id = $1",
        [Sql.Value(application.ClientId), Sql.Value(now), Sql.Value(requestId), Sql.Value(answer)],
        cancellationToken);

    /// <summary>Keeps the rotation that is still to come.</summary>
    public Task RememberAsync(PendingRotation pending, CancellationToken cancellationToken)
    {
        (application.RotationDueAt, application.RotationRetainSeconds) = (pending.DueAt, (int)pending.Retain.TotalSeconds);
        return connection.ExecuteAsync(
            "UPDATE key_applications SET rotation_due_at = $2, rotation_retain_seconds = $3 WHERE client_id = $1",
            [Sql.Value(application.ClientId), Sql.Value(application.RotationDueAt), Sql.Value(application.RotationRetainSeconds)],
            cancellationToken);
    }

    /// <summary>Makes it all happen and ends it; returns the version from which on it is visible.</summary>
    public async Task<long> CommitAsync(CancellationToken cancellationToken)
    {
        // Last, because every change of any application waits here for the one before it. Whose keys it was is kept for as long as somebody may not have asked yet.
        const string Next =
            """
            WITH next AS (UPDATE key_ring_versions SET version = version + 1 RETURNING version),
                known_to_all AS (DELETE FROM key_ring_changes WHERE version <= (SELECT version FROM next) - 1000)
            INSERT INTO key_ring_changes (version, client_id) SELECT version, $1 FROM next RETURNING version
            """;
        var version = (await connection.QueryAsync(Next, [Sql.Value(application.ClientId)], row => row.GetInt64(0), cancellationToken)).Single();
        await transaction.CommitAsync(cancellationToken);
        // Given back at once: whoever looks at the change needs a connection too, and as many changes as there are connections would all wait for one.
        await connection.DisposeAsync();
        return version;
    }

    /// <summary>What was not made to happen does not.</summary>
    public ValueTask DisposeAsync() => connection.DisposeAsync();

    /// <summary>A key that signs no more: its private part goes, for ever.</summary>
    private Task EndAsync(SigningKey key, string how, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        (key.PrivateKeyEncrypted, key.EncryptionKey) = (null, null);
        return connection.ExecuteAsync(
            $"UPDATE signing_keys SET {how}, private_key_encrypted = NULL, encryption_key = NULL WHERE id = $1", [Sql.Value(key.Id), .. parameters], cancellationToken);
    }

    /// <summary>There is no rotation to come any more. A request that was promised one is told the same again only if its key signs now; else, that none was carried out.</summary>
    private Task CallOffAsync(bool hasTakenOver, CancellationToken cancellationToken)
    {
        (application.RotationDueAt, application.RotationRetainSeconds) = (null, null);
        var answer = hasTakenOver ? "" : ", rotation_request = NULL, rotation_answer = NULL";
        return connection.ExecuteAsync(
            $"UPDATE key_applications SET rotation_due_at = NULL, rotation_retain_seconds = NULL{answer} WHERE client_id = $1", [Sql.Value(application.ClientId)], cancellationToken);
    }

    private async Task AddAsync(bool active, CancellationToken cancellationToken)
    {
        using var pair = await readyKeys.TakeAsync(settings.KeySize);
        await AddAsync(KeyPair.ToRow(application.ClientId, pair, active, cipher, now), cancellationToken);
    }
}
