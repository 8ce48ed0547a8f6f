using Application = AuthPlatform.TokenApi.Requests.Application;

namespace AuthPlatform.TokenApi.Sessions;

/// <summary>What the batches of statements on sessions have in common, beside <see cref="StatementBatches"/>.</summary>
internal static class SessionBatches
{
    /// <summary>Tokens come from the Key Manager many at a time, and each is followed by its session: that is a burst, and a transaction costs as much as several sessions.</summary>
    public static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(2);

    /// <summary>The name under which the sessions of a user are locked.</summary>
    public static string UserLock(Application application, string uniqueKey) => $"{application.Id}/{uniqueKey}";
}
