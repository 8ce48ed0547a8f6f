using System.CommandLine;
using AuthPlatform.Cli.Apps;
using AuthPlatform.Cli.Running;
using AuthPlatform.Data.Keys;

namespace AuthPlatform.Cli.Keys;

/// <summary><c>authplatform keys ensure</c>.</summary>
internal static class EnsureKeys
{
    public static Command Create(Terminal terminal)
    {
        var clientId = AppsCommand.ClientId();
        var command = new Command("ensure", "Make an application known to the Key Manager, which then makes the keys it lacks; for one that 'doctor' finds without") { clientId };
        command.Run(terminal, Stores.AuthDatabase | Stores.KeysDatabase, invocation => HandleAsync(invocation, invocation.Arguments.GetRequiredValue(clientId)));
        return command;
    }

    private static async Task<int> HandleAsync(Invocation invocation, string clientId)
    {
        if (await invocation.FindApplicationAsync(clientId) is null)
        {
            return ExitCodes.Failed;
        }

        var added = await invocation.KeysDatabase.RegisterAsync(clientId, invocation.Now, invocation.Cancellation);
        return invocation.Show(new { ClientId = clientId, Added = added }, output => output.WriteLine(
            added ? $"The Key Manager makes the keys of {clientId} within seconds." : $"The Key Manager knows {clientId} already."));
    }
}
