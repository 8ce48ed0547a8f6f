using AuthPlatform.Data;
using AuthPlatform.Data.Admin;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AuthPlatform.AdminWeb.SignIn;

/// <summary>
/// While there is no administrator, every start prints a link by which the first one sets up their sign-in: there is no default password. All such links stop
/// working with the first one that is used.
/// </summary>
internal sealed partial class AnnounceFirstSetup(NpgsqlDataSource dataSource, IOptions<AdminOptions> options, TimeProvider clock, ILogger<AnnounceFirstSetup> logger) : BackgroundService
{
    private const string Make =
        "INSERT INTO administrator_links (token_hash, created_at, expires_at) SELECT $1, $2, $3 WHERE NOT EXISTS (SELECT FROM administrators)";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var (token, now) = (SetupLink.NewToken(), clock.GetUtcNow().UtcDateTime);
            await using var command = dataSource.CreateCommand(Make, Sql.Value(SetupLink.Hash(token)), Sql.Value(now), Sql.Value(now + SetupLink.Lifetime));
            if (await command.ExecuteNonQueryAsync(stoppingToken) == 1)
            {
                Log.FirstSetup(logger, SetupLink.Address(options.Value.PublicUrl, token), (int)SetupLink.Lifetime.TotalHours);
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
