using AuthPlatform.Contracts;
using AuthPlatform.Data.Keys;
using AuthPlatform.ServiceDefaults.Problems;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>
/// <c>POST /internal/applications/{client_id}/keys/{kid}/revoke</c>: the emergency. The key is out of the JWKS at once and everything that it signed is refused; what is
/// missing then is made in the same transaction. What it will hit is seen in the sessions before (<c>KeyReach</c>).
/// </summary>
internal sealed partial class RevokeKey(KeyStore store, KeyChangeEffects effects, ILogger<RevokeKey> logger)
{
    public async Task<Problem?> HandleAsync(HttpContext context, string clientId, string kid)
    {
        await using var change = ClientId.IsWellFormed(clientId) ? await store.BeginAsync(clientId, register: false, wait: true, context.RequestAborted) : null;
        if (change is null || await change.FindAsync(kid, context.RequestAborted) is not { } key)
        {
            return CommonProblems.NotFound;
        }

        var state = KeyPolicy.StateOf(key, change.Now);
        if (state != KeyState.Revoked)
        {
            var plan = await ApplyAsync(change, key, context.RequestAborted);
            await effects.CommitAsync(change, plan, KeyChangeCause.Revocation, kid, context.RequestAborted);
            Log.Revoked(logger, kid, clientId, state);
        }

        var answer = new KeyRevocation
        {
            Kid = kid,
            State = KeyStates.Name(state),
            RevokedAt = key.RevokedAt!.Value,
            ActiveKid = change.Find(KeyState.Active)?.Kid,
            NextKid = change.Find(KeyState.Next)?.Kid,
        };
        await KeyProblems.WriteAsync(context, answer, KeyContractsJson.Default.KeyRevocation);
        return null;
    }

    /// <summary>Revokes within a change, which is still to be committed, and makes what is missing then.</summary>
    public static async Task<KeyPlan> ApplyAsync(KeyChange change, SigningKey key, CancellationToken cancellationToken)
    {
        await change.RevokeAsync(key, cancellationToken);
        var plan = change.Plan();
        await change.ApplyAsync(plan, cancellationToken);
        return plan;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Revoked the key {KeyId} of {ClientId}, which was {State}: everything that it signed is refused")]
        public static partial void Revoked(ILogger logger, string keyId, string clientId, KeyState state);
    }
}
