using AuthPlatform.Contracts;

namespace AuthPlatform.KeyManager.Keys;

/// <summary><c>DELETE /internal/applications/{client_id}</c>: the application is gone, and so are all its keys, past ones included. May be repeated.</summary>
internal sealed partial class DeleteKeys(KeyStore store, KeyChangeEffects effects, ILogger<DeleteKeys> logger)
{
    public async Task<Problem?> HandleAsync(HttpContext context, string clientId)
    {
        if (!ClientId.IsWellFormed(clientId))
        {
            return KeyProblems.InvalidClientId;
        }

        await using var change = await store.BeginAsync(clientId, register: false, wait: true, context.RequestAborted);
        if (change is not null)
        {
            await change.DeleteAsync(context.RequestAborted);
            await effects.CommitAsync(change, KeyPlan.Nothing, KeyChangeCause.Request, revokedKid: null, context.RequestAborted);
            Log.Deleted(logger, clientId);
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return null;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Deleted all keys of {ClientId}, which was deleted")]
        public static partial void Deleted(ILogger logger, string clientId);
    }
}
