using System.Collections.Frozen;
using AuthPlatform.Contracts;

namespace AuthPlatform.TokenApi.Keys;

/// <summary>What this process knows of changes of keys: that there are newer ones than it has read, and which are revoked or were ended at once.</summary>
internal sealed class KeyNews
{
    /// <summary>Replicas of the Key Manager are apart by a second at most; who answers an older version for longer has gone back for good, to a backup.</summary>
    private const int OlderAnswersUntilBelieved = 20;

    private readonly Lock _writing = new();
    private volatile FrozenSet<string> _revoked = [];
    private long _version;
    private int _olderAnswers;

    /// <summary>The newest version of all keys that is known to exist.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>Whether a key is revoked, or was ended at once, wherever its public part may still be found.</summary>
    public bool IsRevoked(string keyId) => _revoked.Contains(keyId);

    /// <summary>What a Key Manager answered.</summary>
    public void Take(KeysVersion answer)
    {
        lock (_writing)
        {
            // Never fewer than before: the replica that answers may not know the latest yet.
            if (answer.Revoked.Any(kid => !_revoked.Contains(kid)))
            {
                _revoked = _revoked.Concat(answer.Revoked).ToFrozenSet(StringComparer.Ordinal);
            }

            _olderAnswers = answer.Version < _version ? _olderAnswers + 1 : 0;
            if (_olderAnswers is 0 or >= OlderAnswersUntilBelieved)
            {
                Volatile.Write(ref _version, answer.Version);
            }
        }
    }

    /// <summary>What a message said.</summary>
    public void Take(KeysChanged change)
    {
        lock (_writing)
        {
            if (change.RevokedKid is { } kid)
            {
                _revoked = _revoked.Append(kid).ToFrozenSet(StringComparer.Ordinal);
            }

            Volatile.Write(ref _version, Math.Max(_version, change.Version));
        }
    }
}
