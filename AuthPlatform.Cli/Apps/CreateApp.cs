using System.CommandLine;
using AuthPlatform.Cli.Output;
using AuthPlatform.Cli.Running;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Keys;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.Cli.Apps;

/// <summary><c>authplatform apps create</c>.</summary>
internal static class CreateApp
{
    private static readonly Option<string> Name = new("--name") { Description = "What people call it", HelpName = "text", Required = true };
    private static readonly Option<string?> GivenId = new("--client-id") { Description = "Its client_id, to keep the one of an older service; otherwise one is made", HelpName = "id" };
    private static readonly NewSecret Secret = new();
    private static readonly PolicyOptions Policy = new();

    public static Command Create(Terminal terminal)
    {
        var command = new Command("create", "Register an application and print its secret, this one time") { Name, GivenId };
        Secret.AddTo(command);
        Policy.AddTo(command);
        command.Run(terminal, Stores.AuthDatabase | Stores.KeysDatabase | Stores.Encryption, HandleAsync);
        return command;
    }

    private static async Task<int> HandleAsync(Invocation invocation)
    {
        var arguments = invocation.Arguments;
        var clientId = arguments.GetValue(GivenId) ?? NewCredentials.ClientId();
        if (!ClientId.IsWellFormed(clientId))
        {
            return invocation.WrongUsage([$"A client id is 1 to {ClientId.MaxLength} letters, digits, '_' or '-'."]);
        }

        var application = ApplicationRegistration.NewApplication(clientId, arguments.GetRequiredValue(Name), invocation.Cipher, invocation.Now);
        if (Policy.Apply(arguments, application) is { Count: > 0 } failures)
        {
            return invocation.WrongUsage(failures);
        }

        var database = invocation.AuthDatabase;
        if (await database.Applications.AnyAsync(a => a.ClientId == clientId, invocation.Cancellation))
        {
            return invocation.Fail($"There is an application '{clientId}' already.");
        }

        if (Secret.Take(invocation) is not var (secret, isNew))
        {
            return ExitCodes.Failed;
        }

        application.Secrets.Add(ApplicationRegistration.NewSecret(application.Id, 1, secret, invocation.Cipher, invocation.Now));
        database.Applications.Add(application);

        // First what does no harm alone: an application whose keys are nobody's business is better than one that is there and cannot have tokens signed.
        await invocation.KeysDatabase.RegisterAsync(clientId, invocation.Now, invocation.Cancellation);
        var unknown = await invocation.FindUnknownResourceServersAsync(application);
        await invocation.SaveAsync(application);
        // Before anything that may take its time: it is in no other place.
        var exitCode = invocation.Show(new Created(clientId, isNew ? secret : null, AppView.Of(application, invocation.Now)), output => Write(output, clientId, isNew ? secret : null));
        await invocation.FollowUpAsync(application, unknown);
        return exitCode;
    }

    private static void Write(TextWriter output, string clientId, string? secret)
    {
        Table.WriteFields(output, ("client_id", clientId), ("secret", secret ?? "the one from standard input"));
        output.WriteLine();
        output.WriteLine(
            (secret is null ? "" : "The secret is shown this once: hand it over now. ") + "The Key Manager makes the application's signing keys within seconds.");
    }

    private sealed record Created(string ClientId, string? Secret, AppView Application);
}
