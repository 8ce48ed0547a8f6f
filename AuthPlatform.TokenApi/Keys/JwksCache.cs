using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Security.Cryptography;
using AuthPlatform.Contracts;
using Microsoft.IdentityModel.Tokens;

namespace AuthPlatform.TokenApi.Keys;

/// <summary>
/// The public keys of each application, as the Key Manager publishes them. Read again when it is known that keys have changed, every 15 s while in use, and at once for
/// a key that is not known, but then never more often than once a second for one application: a flood of invented <c>kid</c>s must not become a flood of requests.
/// </summary>
internal sealed partial class JwksCache(KeyManagerClient keyManager, KeyNews news, TimeProvider clock, ILogger<JwksCache> logger)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenReads = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, KeySet> _sets = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string ClientId, long Version), Lazy<Task<KeySet>>> _reading = new();

    /// <summary>The key, or null when the application publishes none of that name.</summary>
    /// <exception cref="HttpRequestException">The Key Manager does not answer, and the key is not among those known.</exception>
    public async ValueTask<RsaSecurityKey?> FindAsync(string clientId, string keyId, CancellationToken cancellationToken)
    {
        // Before all else: whatever copy of the keys there is, and whoever answers or does not, this key is no good.
        if (news.IsRevoked(keyId))
        {
            return null;
        }

        var known = _sets.GetValueOrDefault(clientId);
        var version = news.Version;
        var age = known is null || known.Version < version ? TimeSpan.MaxValue : clock.GetElapsedTime(known.ReadAt);
        if (age < Fresh && known!.Keys.TryGetValue(keyId, out var key))
        {
            return key;
        }

        if (age < BetweenReads)
        {
            return null;
        }

        try
        {
            // Together with others, but not with a read that began before the latest news: that may not have the key yet, or have it still.
            var seen = known;
            known = await _reading.GetOrAdd((clientId, version), read => new Lazy<Task<KeySet>>(() => ReadAsync(read.ClientId, read.Version, seen))).Value.WaitAsync(cancellationToken);
        }
        catch (HttpRequestException exception) when (known?.Keys.ContainsKey(keyId) == true)
        {
            // Good for a while longer, so that not every request waits for an answer that does not come. Were the key revoked, or ended at once, its name would be known.
            known = _sets[clientId] = known with { ReadAt = clock.GetTimestamp() - (long)((Fresh - BetweenAttempts).TotalSeconds * clock.TimestampFrequency), Version = version };
            Log.KeepsOld(logger, clientId, exception.Message);
        }

        return known.Keys.GetValueOrDefault(keyId);
    }

    private async Task<KeySet> ReadAsync(string clientId, long version, KeySet? seen)
    {
        try
        {
            // Another read has ended between the look at what is known and this.
            if (_sets.GetValueOrDefault(clientId) is { } latest && !ReferenceEquals(latest, seen) && latest.Version >= version)
            {
                return latest;
            }

            // For all who wait: none of them ends it.
            var (published, readVersion) = await keyManager.ReadKeysAsync(clientId, version, CancellationToken.None);
            var known = _sets.GetValueOrDefault(clientId)?.Keys;
            return _sets[clientId] = new KeySet(published.Keys.ToFrozenDictionary(k => k.Kid, k => ToRsaKey(k, known?.GetValueOrDefault(k.Kid)), StringComparer.Ordinal), readVersion, clock.GetTimestamp());
        }
        finally
        {
            _reading.TryRemove((clientId, version), out _);
        }
    }

    /// <summary>The same object for as long as it is the same key: what was made of it and proven with it stays good.</summary>
    private static RsaSecurityKey ToRsaKey(PublishedKey key, RsaSecurityKey? known)
    {
        var (modulus, exponent) = (Base64Url.DecodeFromChars(key.N), Base64Url.DecodeFromChars(key.E));
        return known is not null && modulus.AsSpan().SequenceEqual(known.Parameters.Modulus) && exponent.AsSpan().SequenceEqual(known.Parameters.Exponent)
            ? known
            : new RsaSecurityKey(new RSAParameters { Modulus = modulus, Exponent = exponent }) { KeyId = key.Kid };
    }

    /// <param name="Keys">By their names.</param>
    /// <param name="Version">The version of all keys by which they were read.</param>
    /// <param name="ReadAt">When, by a clock that nobody sets.</param>
    private sealed record KeySet(FrozenDictionary<string, RsaSecurityKey> Keys, long Version, long ReadAt);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The keys of {ClientId} could not be read again: {Reason}. The last known ones stay in use")]
        public static partial void KeepsOld(ILogger logger, string clientId, string reason);
    }
}
