using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.KeyManager.Keys;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace AuthPlatform.Cli.Running;

/// <summary>What a command changes about an application: found, saved together with its events for the audit, and told to the services.</summary>
internal static class Changes
{
    /// <summary>The application with its secrets; null, and said, when there is none.</summary>
    public static async Task<Application?> FindApplicationAsync(this Invocation invocation, string clientId)
    {
        var application = await invocation.AuthDatabase.Applications.Include(a => a.Secrets).SingleOrDefaultAsync(a => a.ClientId == clientId, invocation.Cancellation);
        if (application is null)
        {
            invocation.Fail($"There is no application '{clientId}'. 'authplatform apps list' shows all.");
        }

        return application;
    }

    /// <summary>Which of the resource servers are not registered: they cannot authenticate until they are.</summary>
    public static async Task<List<string>> FindUnknownResourceServersAsync(this Invocation invocation, Application application)
    {
        var named = application.ResourceServers;
        var registered = await invocation.AuthDatabase.Applications.Where(a => named.Contains(a.ClientId)).Select(a => a.ClientId).ToListAsync(invocation.Cancellation);
        return [.. named.Except(registered)];
    }

    /// <summary>
    /// Saves what was changed about an application, its events for the audit with it. Somebody may interrupt it until it happens, and for the two seconds that the process has left then
    /// not while it does: what has happened is shown, a new secret above all, and only that.
    /// </summary>
    public static async Task SaveAsync(this Invocation invocation, Application application)
    {
        invocation.Audit(application);
        await using var transaction = await invocation.AuthDatabase.Database.BeginTransactionAsync(invocation.Cancellation);
        await invocation.AuthDatabase.SaveChangesAsync(invocation.Cancellation);
        await transaction.CommitAsync(CancellationToken.None);
    }

    /// <summary>What follows when a change of an application is saved. While Redis does not answer it takes seconds.</summary>
    public static async Task FollowUpAsync(this Invocation invocation, Application application, List<string> unknownResourceServers)
    {
        if (unknownResourceServers.Count > 0)
        {
            invocation.Warn($"No application is registered as {string.Join(", ", unknownResourceServers)}: register it, a resource server signs in as itself.");
        }

        await invocation.TellChangedAsync(application.ClientId);
    }

    /// <summary>Notes when an application changes, and for the audit by whom and how; what saves the change saves that too.</summary>
    public static void Audit(this Invocation invocation, Application application)
    {
        application.UpdatedAt = invocation.Now;
        invocation.AuthDatabase.AuditChanges(application, invocation.Actor, invocation.Now);
    }

    /// <summary>Tells the services that an application has changed; they find out without it too.</summary>
    public static Task TellChangedAsync(this Invocation invocation, string clientId) => PublishAsync(invocation, ApplicationChanges.Channel, clientId, "15 seconds");

    /// <summary>Writes down what is done with keys, which are in another database.</summary>
    public static async Task RecordAsync(this Invocation invocation, Application application, string kind, object details, CancellationToken cancellationToken)
    {
        invocation.AuthDatabase.AuditEvents.Add(AuditTrail.Event(kind, application, invocation.Actor, invocation.Now, details: details));
        await invocation.AuthDatabase.SaveChangesAsync(cancellationToken);
    }

    /// <summary>
    /// Makes a change of keys happen, writes down what it was, and tells the services; without Redis they see it when they ask, within a second or two. What has happened is in the
    /// audit, also when somebody interrupts the command at that moment, and only that.
    /// </summary>
    public static async Task CommitAsync(this Invocation invocation, KeyChange change, Application application, string kind, object details, string? revokedKid = null)
    {
        invocation.Cancellation.ThrowIfCancellationRequested();
        var version = await change.CommitAsync(CancellationToken.None);
        try
        {
            await invocation.RecordAsync(application, kind, details, CancellationToken.None);
        }
        finally
        {
            await PublishAsync(invocation, KeysChanged.Channel, new KeysChanged(change.Application.ClientId, version, revokedKid).ToMessage(), "a second or two");
        }
    }

    private static async Task PublishAsync(Invocation invocation, string channel, string message, string otherwise)
    {
        if (!invocation.Has(ResourceNames.Redis))
        {
            return;
        }

        try
        {
            await invocation.Services.GetRequiredService<IConnectionMultiplexer>().GetSubscriber().PublishAsync(RedisChannel.Literal(channel), message);
        }
        catch (Exception exception) when (Runner.RedisOutage(exception) is not null)
        {
            invocation.Warn($"{Runner.RedisOutage(exception)}; so the services could not be told, and notice the change within {otherwise}.");
        }
    }
}
