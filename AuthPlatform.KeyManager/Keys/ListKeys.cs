using AuthPlatform.Contracts;
using AuthPlatform.ServiceDefaults.Problems;

namespace AuthPlatform.KeyManager.Keys;

/// <summary><c>GET /internal/applications/{client_id}/keys</c>: the keys of an application, past ones included as far as they are not too many, newest first, and how they live.</summary>
internal sealed class ListKeys(KeyStore store)
{
    public async Task<Problem?> HandleAsync(HttpContext context, string clientId)
    {
        if (!ClientId.IsWellFormed(clientId) || await store.ListAsync(clientId, context.RequestAborted) is not var (settings, pending, keys, unlisted, now))
        {
            return CommonProblems.NotFound;
        }

        var answer = new KeyListing
        {
            Settings = ToAnswer(settings),
            RotatesAt = KeyPolicy.RotatesAt(now, [.. keys.Where(k => KeyPolicy.IsPublished(KeyPolicy.StateOf(k, now)))], settings, pending),
            Keys =
            [
                .. keys.Select(k => (Key: k, State: KeyPolicy.StateOf(k, now))).OrderBy(k => k.State).ThenByDescending(k => k.Key.CreatedAt).Select(k => new KeyListingEntry
                {
                    Kid = k.Key.Kid,
                    State = KeyStates.Name(k.State),
                    KeySize = k.Key.KeySize,
                    CreatedAt = k.Key.CreatedAt,
                    AnnouncedAt = k.Key.AnnouncedAt,
                    ActivatedAt = k.Key.ActivatedAt,
                    SupersededAt = k.Key.SupersededAt,
                    ExpiresAt = k.Key.ExpiresAt,
                    RevokedAt = k.Key.RevokedAt,
                }),
            ],
            Unlisted = unlisted,
        };
        await KeyProblems.WriteAsync(context, answer, KeyContractsJson.Default.KeyListing);
        return null;
    }

    public static KeySettingsAnswer ToAnswer(KeySettings settings) => new(
        settings.KeySize, (int)settings.RotateEvery.TotalSeconds, (int)settings.Announce.TotalSeconds, (int)settings.Retain.TotalSeconds);
}

/// <summary>How states are called in answers.</summary>
internal static class KeyStates
{
    public static string Name(KeyState state) => state.ToString().ToLowerInvariant();
}
