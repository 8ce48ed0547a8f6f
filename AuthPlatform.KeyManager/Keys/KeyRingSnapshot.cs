using System.Collections.Frozen;
using AuthPlatform.Data.Keys;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>What the key ring holds at a time; immutable.</summary>
/// <param name="ConfirmedAt">When it was last known to be what the database has: whoever sees keys for the first time must not find them unconfirmed.</param>
/// <param name="Version">The version of all keys that it is at least as new as.</param>
/// <param name="Sets">The keys of every application, by client id.</param>
/// <param name="Revoked">The names of keys whose signatures must be refused.</param>
/// <param name="ChangesAt">When it changes by the mere passing of time.</param>
/// <param name="Signers">The keys that sign, by their ids.</param>
/// <param name="Broken">The ids of those that should and do not open.</param>
internal sealed record KeyRingSnapshot(
    long ConfirmedAt,
    long Version,
    FrozenDictionary<string, KeySet> Sets,
    IReadOnlyList<string> Revoked,
    DateTimeOffset? ChangesAt,
    IReadOnlyDictionary<Guid, Signer> Signers,
    IReadOnlySet<Guid> Broken)
{
    /// <summary>Sorts out what was read; what has not changed since the snapshot before is taken over from it, for importing keys takes time.</summary>
    public static KeyRingSnapshot Create(KeyRows rows, long confirmedAt, KeyRingSnapshot? previous, Func<SigningKey, Signer?> decrypt, DateTimeOffset now)
    {
        var signers = new Dictionary<Guid, Signer>();
        var broken = new HashSet<Guid>();
        var sets = rows.Applications.ToFrozenDictionary(a => a.Key, ToSet, StringComparer.Ordinal);
        return new KeyRingSnapshot(confirmedAt, rows.Version, sets, rows.Revoked, sets.Values.Min(s => s.ChangesAt(now)), signers, broken);

        KeySet ToSet(KeyValuePair<string, ApplicationKeys> application)
        {
            if (previous?.Sets.GetValueOrDefault(application.Key) is { } known && known.IsStill(application.Value, now))
            {
                foreach (var key in application.Value.Keys)
                {
                    if (previous.Signers.TryGetValue(key.Id, out var signer))
                    {
                        signers[key.Id] = signer;
                    }
                }

                return known;
            }

            return KeySet.Create(application.Value, FindSigner, now);
        }

        // A key that is in use stays the object it is. One that leaves is not disposed, for somebody may be signing with it: it goes with its last reader.
        Signer? FindSigner(SigningKey key)
        {
            if ((previous?.Signers.GetValueOrDefault(key.Id) ?? decrypt(key)) is { } signer)
            {
                return signers[key.Id] = signer;
            }

            broken.Add(key.Id);
            return null;
        }
    }
}
