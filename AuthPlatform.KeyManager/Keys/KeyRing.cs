using System.Security.Cryptography;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Encryption;
using AuthPlatform.Data.Keys;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>
/// All keys in memory: signing and publishing read one immutable snapshot and never wait for the database. It is replaced as a whole; while Postgres does not answer
/// the last one stays good.
/// </summary>
internal sealed partial class KeyRing(KeyStore store, EnvelopeCipher cipher, DatabaseClock clock, KeyMetrics metrics, ILogger<KeyRing> logger) : IDisposable
{
    /// <summary>
    /// The snapshot holds every application there is, so one look answers for all unknown names: however many random ones are asked for, the database is asked
    /// once in this time. It is also how long a name that another replica just added may still be unknown here.
    /// </summary>
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    /// <summary>Keys that nobody may know any more sign no longer than an old JWKS may be cached; safe retention counts on it.</summary>
    private static readonly TimeSpan SignsUnconfirmedFor = TimeSpan.FromSeconds(KeySettings.LongestMaxAgeSeconds);

    /// <summary>So long those whose keys are known wait for a look at the others: many times what it takes, and little for a caller who would ask another replica.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);

    private readonly SemaphoreSlim _reading = new(1, 1);
    private volatile KeyRingSnapshot? _current;
    private volatile bool _isUpToDate;
    private long _lookedAt;

    /// <summary>The version of the keys that are known here; 0 before any are.</summary>
    public long Version => _current?.Version ?? 0;

    /// <summary>The names of keys whose signatures must be refused.</summary>
    public IReadOnlyList<string> Revoked => _current?.Revoked ?? [];

    /// <summary>Whether tokens of any application can be signed, or there is none.</summary>
    public bool CanSign => _current is { } ring && (ring.Sets.Count == 0 || ring.Sets.Values.Any(s => s.Signer is not null));

    /// <summary>Whether the keys were compared with the database recently enough to sign with them.</summary>
    public bool MaySign => _current is { } ring && clock.GetElapsedTime(ring.ConfirmedAt) < SignsUnconfirmedFor;

    /// <summary>Names of applications whose keys the policy wants to change.</summary>
    public IEnumerable<string> NeedingWork(DateTimeOffset now) => _current?.Sets.Where(s => s.Value.NeedsWork(now)).Select(s => s.Key) ?? [];

    /// <summary>When the next key of each application takes over, as far as there is one.</summary>
    public IEnumerable<KeyDue> Rotations => _current?.Sets.Where(s => s.Value.RotatesAt is not null).Select(s => new KeyDue(s.Key, s.Value.RotatesAt!.Value)) ?? [];

    /// <summary>The keys of an application, as far as it is known here.</summary>
    public KeySet? Find(string clientId) => _current?.Sets.GetValueOrDefault(clientId);

    /// <summary>The keys of an application; null when there is no such application. Says "unavailable" when that cannot be known.</summary>
    public async ValueTask<(KeySet? Keys, bool IsUnavailable)> FindAsync(string clientId, CancellationToken cancellationToken)
    {
        if (Find(clientId) is { } known)
        {
            return (known, false);
        }

        var isUpToDate = await RefreshAsync(cancellationToken);
        var keys = Find(clientId);
        return (keys, keys is null && !isUpToDate);
    }

    /// <summary>Sees to it that the keys are at least of a version that somebody knows to exist; false when they cannot be had.</summary>
    public async ValueTask<bool> ReachAsync(long version, CancellationToken cancellationToken) =>
        version <= Version || (await LookAsync(TimeSpan.FromMilliseconds(100), evenIfUnchanged: false, cancellationToken) && version <= Version);

    /// <summary>Looks whether something has changed unless somebody just did; false when the database does not answer.</summary>
    public ValueTask<bool> RefreshAsync(CancellationToken cancellationToken) => LookAsync(BetweenLooks, evenIfUnchanged: false, cancellationToken);

    /// <summary>The same for whoever could go on without: where there are keys, a database that does not answer is not waited for. The look goes on then; false.</summary>
    public async ValueTask<bool> RefreshBrieflyAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_current is null ? Timeout.InfiniteTimeSpan : LongestPause, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await RefreshAsync(either.Token).AsTask().WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Looks now whether something has changed.</summary>
    public ValueTask<bool> LookAsync(CancellationToken cancellationToken) => LookAsync(TimeSpan.Zero, evenIfUnchanged: false, cancellationToken);

    /// <summary>Reads the keys in any case.</summary>
    public ValueTask<bool> ReloadAsync(CancellationToken cancellationToken) => LookAsync(TimeSpan.Zero, evenIfUnchanged: true, cancellationToken);

    public void Dispose() => _reading.Dispose();

    private async ValueTask<bool> LookAsync(TimeSpan unlessYoungerThan, bool evenIfUnchanged, CancellationToken cancellationToken)
    {
        if (IsYoungerThan(unlessYoungerThan))
        {
            return _isUpToDate;
        }

        await _reading.WaitAsync(cancellationToken);
        try
        {
            if (!IsYoungerThan(unlessYoungerThan))
            {
                var started = clock.GetTimestamp();
                await ReadAsync(evenIfUnchanged, started);
                // What was read is as old as the question. When nothing was, whoever has waited meanwhile does not wait for as long again.
                Volatile.Write(ref _lookedAt, _isUpToDate ? started : clock.GetTimestamp());
            }

            return _isUpToDate;
        }
        finally
        {
            _reading.Release();
        }
    }

    private bool IsYoungerThan(TimeSpan age) => Volatile.Read(ref _lookedAt) is var at and not 0 && clock.GetElapsedTime(at) < age;

    private async Task ReadAsync(bool evenIfUnchanged, long started)
    {
        try
        {
            // Not ended by whoever asked: others wait for the same answer. A database that hangs is one that does not answer. After one that did not, all is read: a server that took
            // over may lack the last changes, and have given their versions to others.
            var rows = await store.ReadAsync(evenIfUnchanged || !_isUpToDate ? null : _current, CancellationToken.None).WaitAsync(KeyStore.ReadLimit, clock, CancellationToken.None);
            if (rows is null)
            {
                _current = _current! with { ConfirmedAt = started };
            }
            else
            {
                _current = KeyRingSnapshot.Create(rows, started, _current, Decrypt, clock.GetUtcNow());
                metrics.RingChanged(_current.Sets.Values.Min(s => s.ActivatedAt), _current.Sets.Values.Min(s => s.RotatesAt));
            }

            if (!_isUpToDate)
            {
                Log.UpToDate(logger, _current.Sets.Count);
            }

            _isUpToDate = true;
        }
        catch (Exception exception) when (KeyStore.IsOutage(exception))
        {
            // Once, not with every try.
            if (_isUpToDate || _current is null)
            {
                Log.KeepsOld(logger, exception.GetBaseException().Message);
            }

            _isUpToDate = false;
        }
    }

    private Signer? Decrypt(SigningKey key)
    {
        try
        {
            var privateKey = cipher.Decrypt(SigningKey.PrivateKeyField(key.Id), key.PrivateKeyEncrypted);
            var rsa = RSA.Create();
            rsa.ImportPkcs8PrivateKey(privateKey, out _);
            CryptographicOperations.ZeroMemory(privateKey);
            return new Signer(key.Kid, rsa);
        }
        catch (CryptographicException exception)
        {
            metrics.DecryptFailed();
            // Once, not with every reading.
            if (Find(key.ClientId)?.IsBroken(key) != true)
            {
                Log.Undecryptable(logger, key.Kid, key.ClientId, exception.Message);
            }

            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The key ring is up to date: {Count} application(s)")]
        public static partial void UpToDate(ILogger logger, int count);

        [LoggerMessage(2, LogLevel.Warning, "The keys cannot be read from the database: {Reason} - the last known ones, if any, stay in use")]
        public static partial void KeepsOld(ILogger logger, string reason);

        [LoggerMessage(3, LogLevel.Error, "The active key {KeyId} of {ClientId} cannot be decrypted, its tokens cannot be signed: {Reason}")]
        public static partial void Undecryptable(ILogger logger, string keyId, string clientId, string reason);
    }
}
