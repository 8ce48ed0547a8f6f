using System.CommandLine;
using AuthPlatform.Cli.Output;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Encryption;
using AuthPlatform.Data.Keys;
using AuthPlatform.KeyManager.Keys;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace AuthPlatform.Cli.Running;

/// <summary>One run of one command: what was asked, what it may use, and how it answers.</summary>
internal sealed class Invocation(ParseResult arguments, IServiceProvider services, Terminal terminal, CancellationToken cancellation)
{
    public ParseResult Arguments { get; } = arguments;

    public IServiceProvider Services { get; } = services;

    public Terminal Terminal { get; } = terminal;

    public CancellationToken Cancellation { get; } = cancellation;

    /// <summary>Who is at the terminal, for the audit.</summary>
    public static string Actor => $"cli:{Environment.UserName}";

    public DateTimeOffset Now { get; } = services.GetRequiredService<TimeProvider>().GetUtcNow();

    public AuthDbContext AuthDatabase => Services.GetRequiredService<AuthDbContext>();

    public KeysDbContext KeysDatabase => Services.GetRequiredService<KeysDbContext>();

    /// <summary>Throws when the keys are missing or too short; the message is for the operator.</summary>
    public EnvelopeCipher Cipher => Services.GetRequiredService<EnvelopeCipher>();

    /// <summary>The keys, as the Key Manager changes them.</summary>
    public KeyStore Keys => Services.GetRequiredService<KeyStore>();

    /// <summary>How keys live where an application has no settings of its own; throws when the Key Manager would refuse that, too.</summary>
    public KeyOptions KeyDefaults => Services.GetRequiredService<IOptions<KeyOptions>>().Value;

    /// <summary>Whether the settings name a store that the command can do without.</summary>
    public bool Has(string connection) => !string.IsNullOrWhiteSpace(Services.GetRequiredService<IConfiguration>().GetConnectionString(connection));

    /// <summary>Prints the result in the form that was asked for.</summary>
    public int Show<T>(T result, Action<TextWriter> asText)
    {
        if (Arguments.GetValue(GlobalOptions.Json))
        {
            Terminal.Output.WriteLine(JsonOutput.Serialize(result));
        }
        else
        {
            asText(Terminal.Output);
        }

        return ExitCodes.Done;
    }

    public int Fail(string reason)
    {
        Terminal.Error.WriteLine($"error: {Text.Printable(reason)}");
        return ExitCodes.Failed;
    }

    public int WrongUsage(IEnumerable<string> reasons)
    {
        foreach (var reason in reasons)
        {
            Terminal.Error.WriteLine($"error: {Text.Printable(reason)}");
        }

        return ExitCodes.WrongUsage;
    }

    public void Warn(string message) => Terminal.Error.WriteLine($"warning: {Text.Printable(message)}");

    /// <summary>Null when it may be done, else the exit code.</summary>
    public int? Confirm(string consequence)
    {
        if (Arguments.GetValue(GlobalOptions.Yes))
        {
            return null;
        }

        if (!Terminal.IsInteractive)
        {
            return WrongUsage([$"{consequence} Say --yes to do it without being asked."]);
        }

        Terminal.Error.WriteLine(Text.Printable(consequence));
        if (Terminal.Ask("Do it?"))
        {
            return null;
        }

        Terminal.Error.WriteLine("Nothing was done.");
        return ExitCodes.Failed;
    }

    /// <summary>The application with its secrets; null, and said, when there is none.</summary>
    public async Task<Application?> FindApplicationAsync(string clientId)
    {
        var application = await AuthDatabase.Applications.Include(a => a.Secrets).SingleOrDefaultAsync(a => a.ClientId == clientId, Cancellation);
        if (application is null)
        {
            Fail($"There is no application '{clientId}'. 'authplatform apps list' shows all.");
        }

        return application;
    }

    /// <summary>Says which of the resource servers are not registered: they cannot authenticate until they are.</summary>
    public async Task WarnOfUnknownResourceServersAsync(Application application)
    {
        var named = application.ResourceServers;
        var registered = await AuthDatabase.Applications.Where(a => named.Contains(a.ClientId)).Select(a => a.ClientId).ToListAsync(Cancellation);
        if (named.Except(registered).ToList() is { Count: > 0 } unknown)
        {
            Warn($"No application is registered as {string.Join(", ", unknown)}: register it, a resource server signs in as itself.");
        }
    }

    /// <summary>Saves what was changed about an application, its events for the audit with it, and tells the services.</summary>
    public async Task SaveAsync(Application application)
    {
        Audit(application);
        await AuthDatabase.SaveChangesAsync(Cancellation);
        await TellChangedAsync(application.ClientId);
    }

    /// <summary>Notes when an application changes, and for the audit by whom and how; what saves the change saves that too.</summary>
    public void Audit(Application application)
    {
        application.UpdatedAt = Now;
        AuthDatabase.AuditChanges(application, Actor, Now);
    }

    /// <summary>Tells the services that an application has changed; they find out without it too.</summary>
    public Task TellChangedAsync(string clientId) => PublishAsync(ApplicationChanges.Channel, clientId, "15 seconds");

    /// <summary>Writes down what is done with keys, which are in another database.</summary>
    public async Task RecordAsync(Application application, string kind, object details, CancellationToken cancellationToken)
    {
        AuthDatabase.AuditEvents.Add(AuditTrail.Event(kind, application, Actor, Now, details: details));
        await AuthDatabase.SaveChangesAsync(cancellationToken);
    }

    /// <summary>
    /// Makes a change of keys happen, writes down what it was, and tells the services; without Redis they see it when they ask, within a second or two. What has happened is in the
    /// audit, also when somebody interrupts the command at that moment, and only that.
    /// </summary>
    public async Task CommitAsync(KeyChange change, Application application, string kind, object details, string? revokedKid = null)
    {
        Cancellation.ThrowIfCancellationRequested();
        var version = await change.CommitAsync(CancellationToken.None);
        try
        {
            await RecordAsync(application, kind, details, CancellationToken.None);
        }
        finally
        {
            await PublishAsync(KeysChanged.Channel, new KeysChanged(change.Application.ClientId, version, revokedKid).ToMessage(), "a second or two");
        }
    }

    private async Task PublishAsync(string channel, string message, string otherwise)
    {
        if (!Has(ResourceNames.Redis))
        {
            return;
        }

        try
        {
            await Services.GetRequiredService<IConnectionMultiplexer>().GetSubscriber().PublishAsync(RedisChannel.Literal(channel), message);
        }
        catch (Exception exception) when (Runner.RedisOutage(exception) is not null)
        {
            Warn($"{Runner.RedisOutage(exception)}; so the services could not be told, and notice the change within {otherwise}.");
        }
    }
}
