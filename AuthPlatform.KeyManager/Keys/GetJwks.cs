using AuthPlatform.Contracts;
using AuthPlatform.ServiceDefaults.Problems;

namespace AuthPlatform.KeyManager.Keys;

/// <summary><c>GET /auth/{client_id}/jwks</c>: the public keys that verify an application's tokens.</summary>
internal sealed class GetJwks(KeyRing ring, TimeProvider clock)
{
    private const int MaxAgeSeconds = 300;

    public async Task HandleAsync(HttpContext context, string clientId)
    {
        // Browsers verify tokens too; public keys are for everybody.
        context.Response.Headers.AccessControlAllowOrigin = "*";
        if (!ClientId.IsWellFormed(clientId))
        {
            await ProblemResponse.WriteAsync(context, CommonProblems.NotFound);
            return;
        }

        var (keys, isUnavailable) = await ring.FindAsync(clientId, context.RequestAborted);
        if (keys is null && !isUnavailable)
        {
            await ProblemResponse.WriteAsync(context, CommonProblems.NotFound);
            return;
        }

        if (keys?.Jwks is not { } jwks)
        {
            await ProblemResponse.WriteAsync(context, CommonProblems.TemporarilyUnavailable);
            return;
        }

        context.Response.Headers.CacheControl = FormattableString.Invariant($"public, max-age={MaxAge(keys.ChangesAt)}, must-revalidate");
        await TypedResults.Bytes(jwks.Json, "application/jwk-set+json", entityTag: jwks.ETag).ExecuteAsync(context);
    }

    /// <summary>Nobody keeps a key for longer than it is published.</summary>
    private int MaxAge(DateTimeOffset? changesAt) =>
        changesAt is { } change ? (int)Math.Clamp((change - clock.GetUtcNow()).TotalSeconds, 0, MaxAgeSeconds) : MaxAgeSeconds;
}
