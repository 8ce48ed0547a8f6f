using System.CommandLine;
using AuthPlatform.Cli.Running;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Keys;

namespace AuthPlatform.Cli.Apps;

/// <summary><c>authplatform apps enable</c> and <c>disable</c>.</summary>
internal static class EnableApp
{
    public static Command Create(Terminal terminal, bool enable)
    {
        var clientId = AppsCommand.ClientId();
        var command = enable
            ? new Command("enable", "Let an application in again") { clientId }
            : new Command("disable", "Refuse everything an application sends, as if it did not exist; its sessions and keys stay") { clientId, GlobalOptions.Yes };
        command.Run(terminal, Stores.AuthDatabase, invocation => HandleAsync(invocation, invocation.Arguments.GetRequiredValue(clientId), enable));
        return command;
    }

    private static async Task<int> HandleAsync(Invocation invocation, string clientId, bool enable)
    {
        if (await invocation.FindApplicationAsync(clientId) is not { } application)
        {
            return ExitCodes.Failed;
        }

        var changes = application.Enabled != enable;
        if (changes)
        {
            if (!enable && invocation.Confirm($"All requests of '{clientId}' ({application.Name}) will be refused, verifying its tokens included.") is { } exitCode)
            {
                return exitCode;
            }

            if (enable)
            {
                await RegisterKeysAsync(invocation, clientId);
            }

            application.Enabled = enable;
            await invocation.SaveAsync(application);
        }

        var result = invocation.Show(AppView.Of(application, invocation.Now), output => output.WriteLine($"{clientId} is {(enable ? "enabled" : "disabled")}."));
        if (changes)
        {
            await invocation.TellChangedAsync(clientId);
        }

        return result;
    }

    /// <summary>A deletion that stopped at its last step has made the Key Manager forget it. First, as when it is made: enabled without keys it could have nothing signed.</summary>
    private static async Task RegisterKeysAsync(Invocation invocation, string clientId)
    {
        if (invocation.Has(ResourceNames.KeysDatabase))
        {
            await invocation.KeysDatabase.RegisterAsync(clientId, invocation.Now, invocation.Cancellation);
            return;
        }

        invocation.Warn($"ConnectionStrings__keysdb is not set: if a deletion of '{clientId}' was begun, only 'authplatform keys ensure {clientId}' makes it known to the Key Manager again.");
    }
}
