using AuthPlatform.Contracts;

namespace AuthPlatform.KeyManager.Keys;

/// <summary><c>PUT /internal/applications/{client_id}</c>: from then on the application has an active and a next key.</summary>
internal sealed class EnsureKeys(KeyStore store, KeyChangeEffects effects)
{
    public async Task<Problem?> HandleAsync(HttpContext context, string clientId)
    {
        if (!ClientId.IsWellFormed(clientId))
        {
            return KeyProblems.InvalidClientId;
        }

        await using var change = (await store.BeginAsync(clientId, register: true, wait: true, context.RequestAborted))!;
        var plan = change.Plan();
        if (!plan.IsNothing)
        {
            await change.ApplyAsync(plan, context.RequestAborted);
            await effects.CommitAsync(change, plan, KeyChangeCause.Registration, revokedKid: null, context.RequestAborted);
        }
        else
        {
            // Whoever made it complete may have been another replica. Looking takes a connection, and this one has no more to do.
            await change.DisposeAsync();
            await effects.SeeAsync(context.RequestAborted);
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return null;
    }
}
