using System.Data.Common;
using AuthPlatform.Data.Admin;
using Microsoft.AspNetCore.Identity;

namespace AuthPlatform.AdminWeb.SignIn;

/// <summary>
/// Makes the model of the database, and asks it once, while somebody types their password, where <see cref="WarmUp"/> has not: several who sign in at once would all wait for it,
/// each with a thread of the pool, until their questions to the database time out.
/// </summary>
internal sealed class ModelWarmUp(IServiceScopeFactory scopes)
{
    private int _begun;

    /// <summary>Begins with it, unless somebody has before.</summary>
    public void Begin()
    {
        if (Interlocked.Exchange(ref _begun, 1) == 0)
        {
            _ = Task.Run(AskAsync);
        }
    }

    private async Task AskAsync()
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<UserManager<Administrator>>().FindByNameAsync("");
        }
        catch (Exception exception) when (exception is DbException or TimeoutException or InvalidOperationException)
        {
            // Whoever signs in is told; the next one who opens the page tries again.
            Volatile.Write(ref _begun, 0);
        }
    }
}
