using System.CommandLine;
using AuthPlatform.Cli.Apps;
using AuthPlatform.Cli.Output;
using AuthPlatform.Cli.Running;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.KeyManager.Keys;
using Microsoft.Extensions.DependencyInjection;

namespace AuthPlatform.Cli.Keys;

/// <summary><c>authplatform keys rotate</c>: what <c>/auth/rotate-key</c> does, by an operator.</summary>
internal static class RotateKeys
{
    private static readonly Argument<string> ClientId = AppsCommand.ClientId();
    private static readonly Option<int?> Retain = DurationOption.Create(
        "--retain", "How long the old key stays published, in whole minutes; raised to what is safe. 0 takes it away at once and refuses everything it signed. Without this: the application's own retention");

    public static Command Create(Terminal terminal)
    {
        var command = new Command("rotate", "Let the announced key sign from now on; the services follow within a second" + KeysCommand.LikeTheKeyManager)
        {
            ClientId, Retain, GlobalOptions.Yes,
        };
        command.Run(terminal, Stores.AuthDatabase | Stores.KeysDatabase | Stores.Encryption, HandleAsync);
        return command;
    }

    private static async Task<int> HandleAsync(Invocation invocation)
    {
        var clientId = invocation.Arguments.GetRequiredValue(ClientId);
        var retain = invocation.Arguments.GetValue(Retain);
        if (retain > KeyManagerContract.LongestRotateAfterMinutes * 60L)
        {
            return invocation.WrongUsage([$"A key is retained for {KeyManagerContract.LongestRotateAfterMinutes / 60 / 24} days at most."]);
        }

        if (await invocation.FindApplicationAsync(clientId) is not { } application)
        {
            return ExitCodes.Failed;
        }

        var ended = retain == 0 ? await KeyImpact.FindActiveAsync(invocation, clientId) : null;
        if (ended is not null && await KeyImpact.ConfirmAsync(invocation, application, ended) is { } exitCode)
        {
            return exitCode;
        }

        await using var change = await invocation.Keys.BeginAsync(clientId, register: false, wait: true, invocation.Cancellation);
        if (change is null)
        {
            return invocation.Fail($"'{clientId}' has no keys. 'authplatform keys ensure {clientId}' lets the Key Manager make them.");
        }

        // Whoever was asked has looked at that key, at what hangs on it, and at no other.
        if (ended is not null && change.Find(KeyState.Active)?.Kid != ended)
        {
            return invocation.Fail($"Another key of '{clientId}' signs by now than {ended}, which was to end; nothing was done. 'authplatform keys list {clientId}' shows its keys.");
        }

        if (!invocation.Services.GetRequiredService<DatabaseClock>().Agrees)
        {
            return invocation.Fail("The clocks of this machine and of the database are too far apart: what is written down now would stay wrong. Set the one that is wrong, and try again.");
        }

        if (RotateKey.SecondsToWait(change) is { } wait)
        {
            return invocation.Fail($"The keys of '{clientId}' were rotated less than a minute ago; try again in {wait} s.");
        }

        if (retain != 0 && RotateKey.SecondsUntilOneLeaves(change) is { } untilOneLeaves)
        {
            return invocation.Fail(
                $"Too many old keys of '{clientId}' are still published; one leaves in {untilOneLeaves} s. '--retain 0' rotates all the same, and refuses everything that the present key signed.");
        }

        var request = new KeyRotationRequest(retain is { } seconds ? (int)((seconds + 59L) / 60) : null, $"cli-{Guid.CreateVersion7(invocation.Now):N}", OnlyIfRepeated: false);
        var (rotation, _) = await RotateKey.ApplyAsync(change, request, invocation.Cancellation);
        // A key that ends at once is refused by its name, as a revoked one is.
        await invocation.CommitAsync(change, application, AuditKinds.KeyRotated, new { rotation.OldKid, rotation.NewKid }, retain == 0 ? rotation.OldKid : null);
        foreach (var warning in rotation.Warnings)
        {
            invocation.Warn(warning);
        }

        return invocation.Show(rotation, output =>
        {
            output.WriteLine($"{rotation.NewKid} signs from {Text.Time(rotation.EffectiveAt)} on.");
            output.WriteLine($"{rotation.OldKid} verifies until {Text.Time(rotation.OldKeyExpiresAt)}.");
        });
    }
}
