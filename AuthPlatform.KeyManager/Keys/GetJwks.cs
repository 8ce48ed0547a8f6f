using System.Globalization;
using AuthPlatform.Contracts;
using AuthPlatform.ServiceDefaults.Problems;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>
/// <c>GET /auth/{client_id}/jwks</c>: the public keys that verify an application's tokens. The same at <c>/internal/applications/{client_id}/jwks?version=</c> for Token APIs,
/// which know by a message or by asking another replica that there is something newer than this one may have.
/// </summary>
internal sealed class GetJwks(KeyRing ring, DatabaseClock clock)
{
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

        context.Response.Headers.CacheControl = FormattableString.Invariant($"public, max-age={MaxAge(keys)}, must-revalidate");
        await TypedResults.Bytes(jwks.Json, "application/jwk-set+json", entityTag: jwks.ETag).ExecuteAsync(context);
    }

    public async Task HandleInternalAsync(HttpContext context, string clientId, long version)
    {
        if (!await ring.ReachAsync(version, context.RequestAborted))
        {
            await ProblemResponse.WriteAsync(context, CommonProblems.TemporarilyUnavailable);
            return;
        }

        // Taken before the keys: they may be newer than this says, never older.
        context.Response.Headers[KeyManagerContract.VersionHeader] = ring.Version.ToString(CultureInfo.InvariantCulture);
        await HandleAsync(context, clientId);
    }

    /// <summary>Nobody keeps a copy for longer than the keys in it stay the same.</summary>
    private int MaxAge(KeySet keys)
    {
        var now = clock.GetUtcNow();
        var (longest, left) = (keys.Settings.MaxAge.TotalSeconds, (keys.ChangesAt(now) - now)?.TotalSeconds);
        return (int)Math.Clamp(left ?? longest, 0, longest);
    }
}
