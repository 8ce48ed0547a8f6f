using AuthPlatform.Contracts;

namespace AuthPlatform.KeyManager.Keys;

/// <summary><c>GET /internal/keys/due</c>: when the next key of each application takes over, the soonest first.</summary>
internal sealed class ListDueKeys(KeyRing ring)
{
    private const int Most = 1000;

    public async Task<Problem?> HandleAsync(HttpContext context)
    {
        // Asking refreshes what is known, at most once a second.
        await ring.RefreshAsync(context.RequestAborted);
        var due = new KeysDue([.. ring.Rotations.OrderBy(r => r.RotatesAt).Take(Most)]);
        await KeyProblems.WriteAsync(context, due, KeyContractsJson.Default.KeysDue);
        return null;
    }
}
