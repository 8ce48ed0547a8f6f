using System.Collections.Frozen;
using System.Security.Cryptography;
using AuthPlatform.Data.Encryption;
using AuthPlatform.Data.Keys;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>
/// All keys in memory: signing and publishing read one immutable snapshot and never wait for the database. It is replaced as a whole; while Postgres does not answer
/// the last one stays good.
/// </summary>
internal sealed partial class KeyRing(KeyStore store, EnvelopeCipher cipher, TimeProvider clock, KeyMetrics metrics, ILogger<KeyRing> logger) : IDisposable
{
    /// <summary>
    /// The snapshot holds every application there is, so one read answers for all unknown names: however many random ones are asked for, the database is asked
    /// once in this time. It is also how long a name that another replica just added may still be unknown here.
    /// </summary>
    private static readonly TimeSpan BetweenReads = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _reading = new(1, 1);
    private volatile Snapshot? _current;
    private volatile bool _isUpToDate;
    private long _readAt;

    /// <summary>Names of applications that lack an active or a next key.</summary>
    public IEnumerable<string> Incomplete => _current?.Sets.Where(s => !s.Value.IsComplete).Select(s => s.Key) ?? [];

    /// <summary>Whether every application can have its tokens signed.</summary>
    public bool CanSignForAll => _current?.Sets.Values.All(s => s.Signer is not null) == true;

    /// <summary>The keys of an application; null when there is no such application. Says "unavailable" when that cannot be known.</summary>
    public async ValueTask<(KeySet? Keys, bool IsUnavailable)> FindAsync(string clientId, CancellationToken cancellationToken)
    {
        if (_current is { } ring && ring.Sets.TryGetValue(clientId, out var keys))
        {
            return (keys, false);
        }

        var isUpToDate = await RefreshAsync(cancellationToken);
        keys = _current?.Sets.GetValueOrDefault(clientId);
        return (keys, keys is null && !isUpToDate);
    }

    /// <summary>Reads the keys unless somebody just did; false when the database does not answer.</summary>
    public Task<bool> RefreshAsync(CancellationToken cancellationToken) => RefreshAsync(BetweenReads, cancellationToken);

    /// <summary>Reads the keys in any case: something has changed.</summary>
    public Task<bool> ReloadAsync(CancellationToken cancellationToken) => RefreshAsync(TimeSpan.Zero, cancellationToken);

    public void Dispose() => _reading.Dispose();

    private async Task<bool> RefreshAsync(TimeSpan unlessYoungerThan, CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            if (_readAt != 0 && clock.GetElapsedTime(_readAt) < unlessYoungerThan)
            {
                return _isUpToDate;
            }

            await ReadAsync();
            _readAt = clock.GetTimestamp();
            return _isUpToDate;
        }
        finally
        {
            _reading.Release();
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            // Not ended by whoever asked: others wait for the same answer. A database that hangs is one that does not answer.
            var keys = await store.ReadAsync(CancellationToken.None).WaitAsync(KeyStore.ReadLimit, clock, CancellationToken.None);
            _current = ToSnapshot(keys, _current);
            metrics.RingChanged(_current.Sets.Values.Min(s => s.ActivatedAt));
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

    private Snapshot ToSnapshot(IReadOnlyDictionary<string, List<SigningKey>> keys, Snapshot? previous)
    {
        var signers = new Dictionary<Guid, Signer>();
        var broken = new HashSet<Guid>();
        var now = clock.GetUtcNow();
        var sets = keys.ToFrozenDictionary(k => k.Key, k => KeySet.Create(k.Value, FindSigner, now), StringComparer.Ordinal);
        return new Snapshot(sets, signers, broken);

        // A key that is in use stays the object it is. One that leaves is not disposed, for somebody may be signing with it: it goes with its last reader.
        Signer? FindSigner(SigningKey key)
        {
            if ((previous?.Signers.GetValueOrDefault(key.Id) ?? Decrypt(key, isKnown: previous?.Broken.Contains(key.Id) == true)) is { } signer)
            {
                return signers[key.Id] = signer;
            }

            broken.Add(key.Id);
            return null;
        }
    }

    private Signer? Decrypt(SigningKey key, bool isKnown)
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
            if (!isKnown)
            {
                Log.Undecryptable(logger, key.Kid, key.ClientId, exception.Message);
            }

            return null;
        }
    }

    private sealed record Snapshot(FrozenDictionary<string, KeySet> Sets, IReadOnlyDictionary<Guid, Signer> Signers, IReadOnlySet<Guid> Broken);

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
