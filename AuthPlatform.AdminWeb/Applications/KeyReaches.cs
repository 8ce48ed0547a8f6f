using AuthPlatform.Data.Auth;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.AdminWeb.Applications;

/// <summary>What hangs on keys, as far as a page can wait for it.</summary>
internal static class KeyReaches
{
    /// <summary>One session more than this says that there are more: never all of a hundred million are counted.</summary>
    public const int Limit = 10_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Null when it could not be counted in time: whatever is the matter with the sessions must not keep anybody from changing a key.</summary>
    public static async Task<KeyReach?> CountAsync(AuthDbContext database, Guid applicationId, string kid, DateTimeOffset now, CancellationToken cancellationToken)
    {
        database.Database.SetCommandTimeout(Patience);
        try
        {
            return await KeyReach.OfAsync(database, applicationId, kid, now, Limit + 1, cancellationToken);
        }
        catch (Exception exception) when (Outage.StatusOf(exception) == StatusCodes.Status503ServiceUnavailable)
        {
            return null;
        }
    }
}
