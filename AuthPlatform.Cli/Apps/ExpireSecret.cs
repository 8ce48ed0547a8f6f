using System.CommandLine;
using AuthPlatform.Cli.Output;
using AuthPlatform.Cli.Running;

namespace AuthPlatform.Cli.Apps;

/// <summary><c>authplatform apps expire-secret</c>.</summary>
internal static class ExpireSecret
{
    private static readonly Argument<string> ClientId = AppsCommand.ClientId();
    private static readonly Option<int> Slot = new("--slot") { Description = "Which of the two, as 'apps show' numbers them: 1 or 2", HelpName = "number", Required = true };
    private static readonly Option<int?> After = DurationOption.Create("--after", "It still works for this long; without this it is refused at once");

    public static Command Create(Terminal terminal)
    {
        var command = new Command("expire-secret", "Refuse one of an application's secrets, at once or after a while") { ClientId, Slot, After, GlobalOptions.Yes };
        command.Run(terminal, Stores.AuthDatabase, HandleAsync);
        return command;
    }

    private static async Task<int> HandleAsync(Invocation invocation)
    {
        if (await invocation.FindApplicationAsync(invocation.Arguments.GetRequiredValue(ClientId)) is not { } application)
        {
            return ExitCodes.Failed;
        }

        var slot = invocation.Arguments.GetRequiredValue(Slot);
        var now = await invocation.AuthDatabase.ReadTimeAsync(invocation.Cancellation);
        if (application.Secrets.FirstOrDefault(s => s.Slot == slot && s.IsLive(now)) is not { } secret)
        {
            return invocation.Fail($"'{application.ClientId}' has no live secret in slot {slot}.");
        }

        var expiresAt = now.AddSeconds(invocation.Arguments.GetValue(After) ?? 0);
        var isLast = !application.Secrets.Any(s => s != secret && s.ExpiresAt is null);
        var consequence = $"The secret in slot {slot} of '{application.ClientId}', last used {(secret.LastUsedAt is null ? "never" : Text.Time(secret.LastUsedAt))}, is refused from {Text.Time(expiresAt)} on."
            + (isLast ? " It has no other that stays: after that nothing it sends is accepted." : "");
        if (invocation.Confirm(consequence) is { } exitCode)
        {
            return exitCode;
        }

        secret.ExpiresAt = expiresAt;
        await invocation.SaveAsync(application);
        var secrets = AppView.Of(application, now).Secrets;
        var result = invocation.Show(secrets, output => SecretView.Write(output, secrets));
        await invocation.TellChangedAsync(application.ClientId);
        return result;
    }
}
