using AuthPlatform.Contracts;
using AuthPlatform.ServiceDefaults.Problems;

namespace AuthPlatform.KeyManager.Keys;

/// <summary><c>PUT /internal/applications/{client_id}</c>: from then on the application has an active and a next key. The upkeep does the same for all others.</summary>
internal sealed partial class EnsureKeys(KeyStore store, KeyRing ring, ILogger<EnsureKeys> logger)
{
    private static readonly Problem InvalidClientId =
        new(StatusCodes.Status400BadRequest, ErrorCodes.InvalidRequest, OAuthErrors.InvalidRequest, "A client id is 1 to 64 letters, digits, '_' or '-'");

    public async Task HandleAsync(HttpContext context, string clientId)
    {
        if (!ClientId.IsWellFormed(clientId))
        {
            await ProblemResponse.WriteAsync(context, InvalidClientId);
            return;
        }

        try
        {
            await CompleteAsync(clientId, register: true, context.RequestAborted);
        }
        catch (Exception exception) when (KeyStore.IsOutage(exception))
        {
            Log.Unavailable(logger, clientId, exception.GetBaseException().Message);
            await ProblemResponse.WriteAsync(context, CommonProblems.TemporarilyUnavailable);
            return;
        }

        await ring.ReloadAsync(context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>Completes every application that lacks a key.</summary>
    public async Task CompleteAllAsync(CancellationToken cancellationToken)
    {
        var incomplete = ring.Incomplete.ToList();
        foreach (var clientId in incomplete)
        {
            await CompleteAsync(clientId, register: false, cancellationToken);
        }

        if (incomplete.Count > 0)
        {
            await ring.ReloadAsync(cancellationToken);
        }
    }

    private async Task CompleteAsync(string clientId, bool register, CancellationToken cancellationToken)
    {
        if (await store.CompleteAsync(clientId, register, cancellationToken) is { IsNothing: false } plan)
        {
            Log.Completed(logger, clientId, plan.CreateActive, plan.Promote?.Kid ?? "none", plan.CreateNext);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Completed the keys of {ClientId}: new active {CreatedActive}, promoted {Promoted}, new next {CreatedNext}")]
        public static partial void Completed(ILogger logger, string clientId, bool createdActive, string promoted, bool createdNext);

        [LoggerMessage(2, LogLevel.Warning, "The keys of {ClientId} could not be completed: {Reason}")]
        public static partial void Unavailable(ILogger logger, string clientId, string reason);
    }
}
