using System.CommandLine;
using AuthPlatform.Cli.Output;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Encryption;
using AuthPlatform.Data.Keys;
using AuthPlatform.KeyManager.Keys;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AuthPlatform.Cli.Running;

/// <summary>One run of one command: what was asked, what it may use, and how it answers.</summary>
internal sealed class Invocation(ParseResult arguments, IServiceProvider services, Terminal terminal, CancellationToken cancellation)
{
    public ParseResult Arguments { get; } = arguments;

    public IServiceProvider Services { get; } = services;

    public Terminal Terminal { get; } = terminal;

    public CancellationToken Cancellation { get; } = cancellation;

    /// <summary>Who is at the terminal, for the audit.</summary>
    public string Actor { get; } = $"cli:{OperatorName.Read(services.GetRequiredService<IConfiguration>())}";

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
}
