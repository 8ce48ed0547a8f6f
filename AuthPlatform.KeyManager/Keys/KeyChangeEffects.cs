using AuthPlatform.Contracts;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>Why keys were changed; also the label of a metric.</summary>
internal enum KeyChangeCause
{
    Registration,
    Schedule,
    Request,
    Revocation,
    Settings,
}

/// <summary>What follows a change: it is committed, seen here at once, told to the other replicas, logged and counted.</summary>
internal sealed partial class KeyChangeEffects(KeyRing ring, KeyChangeMessages messages, KeyMetrics metrics, ILogger<KeyChangeEffects> logger)
{
    public async Task CommitAsync(KeyChange change, KeyPlan plan, KeyChangeCause cause, string? revokedKid, CancellationToken cancellationToken)
    {
        var version = await change.CommitAsync(cancellationToken);
        // It has happened: whoever asked for it may be gone, the rest follows all the same.
        await ring.LookAsync(CancellationToken.None);
        messages.Publish(new KeysChanged(change.Application.ClientId, version, revokedKid));
        if (plan.Promote is not null)
        {
            metrics.Rotated(cause);
        }

        if (!plan.IsNothing)
        {
            Log.Changed(logger, change.Application.ClientId, cause, KeyChangeText.Of(plan, change.Find(KeyState.Active)?.Kid, change.Find(KeyState.Next)?.Kid, change.Now));
        }
    }

    /// <summary>Sees here what others have changed.</summary>
    public ValueTask<bool> SeeAsync(CancellationToken cancellationToken) => ring.LookAsync(cancellationToken);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Keys of {ClientId} changed ({Cause}): {Changes}")]
        public static partial void Changed(ILogger logger, string clientId, KeyChangeCause cause, string changes);
    }
}
