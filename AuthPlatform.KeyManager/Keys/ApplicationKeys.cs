using AuthPlatform.Data.Keys;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>The keys of one application that are not over, and how they live.</summary>
internal sealed record ApplicationKeys(KeySettings Settings, PendingRotation? Pending, IReadOnlyCollection<SigningKey> Keys);

/// <summary>What was read from the database, as of one version or a later one.</summary>
/// <param name="Version">The version that was read first: what follows is at least as new.</param>
/// <param name="Asked">The client ids that were asked for: whoever is among them and has no keys below is gone. Null when all applications were.</param>
/// <param name="Applications">The keys of each of these applications, by client id.</param>
/// <param name="Revoked">The names of their keys whose signatures must be refused wherever they turn up.</param>
internal sealed record KeyRows(long Version, IReadOnlyCollection<string>? Asked, IReadOnlyDictionary<string, ApplicationKeys> Applications, IReadOnlyList<string> Revoked);
