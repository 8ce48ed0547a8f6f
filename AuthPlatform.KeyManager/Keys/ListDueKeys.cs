using AuthPlatform.Contracts;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>
/// <c>GET /internal/keys/due</c>: when the next key of each application takes over that changes soon, the soonest first. All of them, however many: whoever asks shows
/// each person a few of those that they may see.
/// </summary>
internal sealed class ListDueKeys(KeyRing ring, DatabaseClock clock)
{
    /// <summary>A day more than the overview shows.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromDays(15);

    public async Task<Problem?> HandleAsync(HttpContext context)
    {
        // Asking refreshes what is known, at most once a second.
        await ring.RefreshAsync(context.RequestAborted);
        var end = clock.GetUtcNow() + Soon;
        var due = new KeysDue([.. ring.Rotations.Where(r => r.RotatesAt < end).OrderBy(r => r.RotatesAt)]);
        await KeyProblems.WriteAsync(context, due, KeyContractsJson.Default.KeysDue);
        return null;
    }
}
