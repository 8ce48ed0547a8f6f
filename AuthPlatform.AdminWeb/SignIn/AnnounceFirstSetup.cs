using AuthPlatform.Data.Auth;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.AdminWeb.SignIn;

/// <summary>
/// While there is no administrator, every start prints a link by which the first one sets up their sign-in: there is no default password. All such links stop
/// working with the first one that is used.
/// </summary>
internal sealed partial class AnnounceFirstSetup(IServiceScopeFactory scopes, ILogger<AnnounceFirstSetup> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        try
        {
            if (!await scope.ServiceProvider.GetRequiredService<AuthDbContext>().Administrators.AnyAsync(stoppingToken))
            {
                Log.FirstSetup(logger, await scope.ServiceProvider.GetRequiredService<SetupLinks>().MakeAsync(null, stoppingToken), (int)SetupLinks.Lifetime.TotalHours);
            }
        }
        catch (Exception exception) when (Outage.StatusOf(exception) == StatusCodes.Status503ServiceUnavailable)
        {
            Log.Unknown(logger, exception.GetBaseException().Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "There is no administrator yet. Set up the first one here, once, within {Hours} hours: {Link}")]
        public static partial void FirstSetup(ILogger logger, string link, int hours);

        [LoggerMessage(2, LogLevel.Warning, "Whether there is an administrator could not be asked, so no set-up link was made; restart this service to get one: {Reason}")]
        public static partial void Unknown(ILogger logger, string reason);
    }
}
