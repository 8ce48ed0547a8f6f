using System.CommandLine;
using AuthPlatform.Cli.Apps;
using AuthPlatform.Cli.Output;
using AuthPlatform.Cli.Running;
using AuthPlatform.Data.Auth;
using AuthPlatform.KeyManager.Keys;

namespace AuthPlatform.Cli.Keys;

/// <summary><c>authplatform keys revoke</c>: the emergency.</summary>
internal static class RevokeKeyNow
{
    private static readonly Argument<string> ClientId = AppsCommand.ClientId();
    private static readonly Argument<string> Kid = new("kid") { Description = "The key, as 'keys list' names it" };

    public static Command Create(Terminal terminal)
    {
        var command = new Command(
            "revoke",
            "Take a leaked key out of use: out of the JWKS at once, everything it signed is refused, another takes over. Shows first what hangs on it, unless --yes is given"
            + KeysCommand.LikeTheKeyManager)
        {
            ClientId, Kid, GlobalOptions.Yes,
        };
        command.Run(terminal, Stores.AuthDatabase | Stores.KeysDatabase | Stores.Encryption, HandleAsync);
        return command;
    }

    private static async Task<int> HandleAsync(Invocation invocation)
    {
        var (clientId, kid) = (invocation.Arguments.GetRequiredValue(ClientId), invocation.Arguments.GetRequiredValue(Kid));
        if (await invocation.FindApplicationAsync(clientId) is not { } application)
        {
            return ExitCodes.Failed;
        }

        if (await KeyImpact.ConfirmAsync(invocation, application, kid) is { } exitCode)
        {
            return exitCode;
        }

        await using var change = await invocation.Keys.BeginAsync(clientId, register: false, wait: true, invocation.Cancellation);
        if (change is null || await change.FindAsync(kid, invocation.Cancellation) is not { } key)
        {
            return invocation.Fail($"'{clientId}' has no key '{kid}'. 'authplatform keys list {clientId}' shows its keys.");
        }

        var state = KeyPolicy.StateOf(key, change.Now);
        if (state != KeyState.Revoked)
        {
            await RevokeKey.ApplyAsync(change, key, invocation.Cancellation);
            await invocation.CommitAsync(change, application, AuditKinds.KeyRevoked, new { Kid = kid, State = KeyStates.Name(state) }, kid);
        }

        var active = change.Find(KeyState.Active)?.Kid;
        return invocation.Show(new { Kid = kid, WasState = state, key.RevokedAt, ActiveKid = active, NextKid = change.Find(KeyState.Next)?.Kid }, output =>
        {
            output.WriteLine($"{kid} is revoked since {Text.Time(key.RevokedAt)}; {active} signs.");
            output.WriteLine("Verifiers that check offline refuse it when they read the JWKS again: within 5 minutes with the settings of docs/oauth2.md, and with others perhaps not before they are restarted.");
        });
    }
}
