using System.Data.Common;
using AuthPlatform.Data.Admin;
using Microsoft.AspNetCore.Identity;

namespace AuthPlatform.AdminWeb.SignIn;

/// <summary>
/// Makes the model of the database, and asks it once, while somebody types their password: it takes a second, and an Admin Web that nobody uses does without its memory.
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
