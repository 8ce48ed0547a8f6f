using AuthPlatform.AdminWeb.Audit;
using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using StackExchange.Redis;

namespace AuthPlatform.AdminWeb.Applications;

/// <summary>Saves what was changed of an application together with its audit, and tells the services.</summary>
internal sealed partial class ApplicationChange(
    AuthDbContext database, KeyManagerClient keys, IConnectionMultiplexer redis, IHttpContextAccessor accessor, TimeProvider clock, ILogger<ApplicationChange> logger)
{
    /// <summary>False when somebody else changed it since it was read.</summary>
    public async Task<bool> SaveAsync(Application application, CancellationToken cancellationToken)
    {
        if (!await SaveChangesAsync(application, cancellationToken))
        {
            return false;
        }

        await AnnounceAsync(application.ClientId);
        return true;
    }

    /// <summary>
    /// Deletes an application that is disabled and whose sessions have ended, after its keys, and takes it out of the resource servers of others: sign-ins anywhere may wait for its
    /// row, so nothing is waited for while that is locked against them. Whoever hangs up does not stop it. When it fails the application is still there, perhaps without keys; it can be
    /// deleted again, and enabling makes new ones.
    /// </summary>
    /// <returns>
    /// Null when it is gone; 409 when somebody else changed it since it was read, 503 when the Key Manager did not delete its keys, somebody holds its row, or what goes with
    /// that takes too long.
    /// </returns>
    public async Task<int?> DeleteAsync(Application application)
    {
        var (id, version) = (application.Id, application.Version);
        if (!await database.Applications.AnyAsync(a => a.Id == id && a.Version == version, CancellationToken.None))
        {
            return StatusCodes.Status409Conflict;
        }

        if (!await keys.DeleteKeysAsync(application.ClientId, CancellationToken.None))
        {
            return StatusCodes.Status503ServiceUnavailable;
        }

        // What was imported goes with it, which may be much.
        database.Database.SetCommandTimeout(TimeSpan.FromMinutes(1));
        await using var transaction = await database.Database.BeginTransactionAsync(CancellationToken.None);
        await database.Database.ExecuteSqlAsync($"SET LOCAL lock_timeout = '2s'", CancellationToken.None);
        List<string> changed;
        try
        {
            changed = await RemoveFromResourceServersAsync(application);
            database.Applications.Remove(application);
            if (!await SaveChangesAsync(application, CancellationToken.None))
            {
                if (await database.Applications.AnyAsync(a => a.Id == id && a.Enabled, CancellationToken.None))
                {
                    // Enabled since the keys were deleted.
                    await keys.EnsureKeysAsync(application.ClientId, CancellationToken.None);
                }

                return StatusCodes.Status409Conflict;
            }
        }
        catch (Exception exception) when (IsTooSlow(exception))
        {
            return StatusCodes.Status503ServiceUnavailable;
        }

        await transaction.CommitAsync(CancellationToken.None);
        await Task.WhenAll(changed.Append(application.ClientId).Select(AnnounceAsync));
        return null;
    }

    /// <summary>Writes down that the keys of an application were rotated, once for each rotation: a form that was sent twice rotated once.</summary>
    public async Task RecordRotationAsync(Application application, KeyRotation rotation, CancellationToken cancellationToken)
    {
        // By its times too: one that was promised and one that withdraws the old key before that are two decisions about the same keys. Repeated, both are answered as before.
        var rotated = Event(application, AuditKinds.KeyRotated, new { rotation.OldKid, rotation.NewKid, rotation.EffectiveAt, rotation.OldKeyExpiresAt });
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        // Of two at once the second waits here and then sees what the first has written.
        await database.Database.ExecuteSqlAsync($"SELECT FROM applications WHERE id = {application.Id} FOR NO KEY UPDATE", cancellationToken);
        var written = database.AuditEvents.Where(
            e => e.ApplicationId == application.Id && e.Kind == AuditKinds.KeyRotated && e.Actor != null && EF.Functions.JsonContains(e.Details!, rotated.Details!));
        if (!await written.AnyAsync(cancellationToken))
        {
            database.AuditEvents.Add(rotated);
            await database.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }

    /// <summary>Writes down what is no change of the application's row, together with what is pending.</summary>
    public async Task RecordAsync(Application application, string kind, object details, CancellationToken cancellationToken)
    {
        database.AuditEvents.Add(Event(application, kind, details));
        await database.SaveChangesAsync(cancellationToken);
    }

    private AuditEvent Event(Application application, string kind, object details)
    {
        var context = accessor.HttpContext!;
        return AuditTrail.Event(kind, application, context.Administrator().UserName, clock.GetUtcNow(), context.CallerAddress(), details);
    }

    /// <summary>
    /// Takes an application out of the lists of those who named it, which is still to be saved, and gives their client ids: whoever registers its own next must not see their tokens. Its
    /// row is waited for with theirs, all in one order, so that no two who delete wait for each other; sign-ins, which only refer to them, go on.
    /// </summary>
    private async Task<List<string>> RemoveFromResourceServersAsync(Application application)
    {
        var (id, clientId, now) = (application.Id, application.ClientId, clock.GetUtcNow());
        var rows = await database.Applications
            .FromSql($"SELECT a.*, a.xmin FROM applications a WHERE a.id = {id} OR {clientId} = ANY(a.resource_servers) ORDER BY a.id FOR NO KEY UPDATE")
            .ToListAsync(CancellationToken.None);
        var others = rows.FindAll(a => a.Id != id);
        foreach (var other in others)
        {
            (other.ResourceServers, other.UpdatedAt) = ([.. other.ResourceServers.Where(server => server != clientId)], now);
            Audit(other, now);
        }

        return others.ConvertAll(a => a.ClientId);
    }

    private void Audit(Application application, DateTimeOffset now)
    {
        var context = accessor.HttpContext!;
        database.AuditChanges(application, context.Administrator().UserName, now, context.CallerAddress());
    }

    private async Task<bool> SaveChangesAsync(Application application, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        Audit(application, now);
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

        return true;
    }

    /// <summary>Not by the type of the exception: EF Core wraps what may go by in one more than other failures.</summary>
    private static bool IsTooSlow(Exception exception) =>
        exception.GetBaseException() is TimeoutException or PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.QueryCanceled };

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
