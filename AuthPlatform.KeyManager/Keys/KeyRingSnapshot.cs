using AuthPlatform.Data.Keys;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>What the key ring holds at a time; immutable.</summary>
/// <param name="ConfirmedAt">When it was last known to be what the database has: whoever sees keys for the first time must not find them unconfirmed.</param>
/// <param name="Version">The version of all keys that it is at least as new as.</param>
/// <param name="Sets">The keys of every application, by client id.</param>
/// <param name="Revoked">The names of keys whose signatures must be refused.</param>
internal sealed record KeyRingSnapshot(long ConfirmedAt, long Version, IReadOnlyDictionary<string, KeySet> Sets, IReadOnlyList<string> Revoked)
{
    /// <summary>Sorts out what was read; what was not, or has not changed since the snapshot before, is taken over from it, for importing keys takes time.</summary>
    public static KeyRingSnapshot Create(KeyRows rows, long confirmedAt, KeyRingSnapshot? previous, Func<SigningKey, Signer?> decrypt, DateTimeOffset now)
    {
        // A plain dictionary: with each change it is copied, which is quick.
        var (sets, revoked) = (new Dictionary<string, KeySet>(StringComparer.Ordinal), rows.Revoked);
        if (previous is not null && rows.Asked is { } asked)
        {
            sets = new Dictionary<string, KeySet>(previous.Sets, StringComparer.Ordinal);
            revoked = [.. previous.Revoked.Union(rows.Revoked, StringComparer.Ordinal)];
            foreach (var clientId in asked)
            {
                sets.Remove(clientId);
            }
        }

        foreach (var (clientId, keys) in rows.Applications)
        {
            var known = previous?.Sets.GetValueOrDefault(clientId);
            // A key that is in use stays the object it is. One that leaves is not disposed, for somebody may be signing with it: it goes with its last reader.
            sets.Add(clientId, known?.IsStill(keys, now) == true ? known : KeySet.Create(keys, key => known?.SignerOf(key) ?? decrypt(key), now));
        }

        return new KeyRingSnapshot(confirmedAt, rows.Version, sets, revoked);
    }

    /// <summary>The applications of which a key has left the JWKS by the mere passing of time.</summary>
    public IEnumerable<string> OutOfDate(DateTimeOffset now) => Sets.Where(s => s.Value.LeavesAt <= now).Select(s => s.Key);
}
