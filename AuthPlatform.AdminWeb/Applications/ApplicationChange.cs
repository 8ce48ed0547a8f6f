using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using Microsoft.EntityFrameworkCore;
using StackExchange.Redis;

namespace AuthPlatform.AdminWeb.Applications;

/// <summary>Saves what was changed of an application together with its audit, and tells the services.</summary>
internal sealed partial class ApplicationChange(
    AuthDbContext database, IConnectionMultiplexer redis, IHttpContextAccessor accessor, TimeProvider clock, ILogger<ApplicationChange> logger)
{
    /// <summary>False when somebody else changed it since it was read.</summary>
    public async Task<bool> SaveAsync(Application application, CancellationToken cancellationToken)
    {
        var context = accessor.HttpContext!;
        var now = clock.GetUtcNow();
        database.AuditChanges(application, context.Administrator().UserName, now, context.Connection.RemoteIpAddress?.ToString());
        if (database.ChangeTracker.HasChanges())
        {
            application.UpdatedAt = now;
        }

        try
        {
            await database.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            return false;
        }

        await AnnounceAsync(application.ClientId);
        return true;
    }

    /// <summary>Writes down what is no change of the application's row, together with what is pending.</summary>
    public async Task RecordAsync(Application application, string kind, object details, CancellationToken cancellationToken)
    {
        var context = accessor.HttpContext!;
        database.AuditEvents.Add(AuditTrail.Event(kind, application, context.Administrator().UserName, clock.GetUtcNow(), context.Connection.RemoteIpAddress?.ToString(), details));
        await database.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Services that do not hear it find out by themselves within seconds.</summary>
    private async Task AnnounceAsync(string clientId)
    {
        try
        {
            await redis.GetSubscriber().PublishAsync(RedisChannel.Literal(ApplicationChanges.Channel), clientId);
        }
        catch (Exception exception) when (exception is RedisException or RedisTimeoutException)
        {
            Log.NotAnnounced(logger, clientId, exception.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The change of {ClientId} was saved but not announced; it counts within 15 seconds: {Reason}")]
        public static partial void NotAnnounced(ILogger logger, string clientId, string reason);
    }
}
