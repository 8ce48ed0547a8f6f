using System.CommandLine;
using AuthPlatform.Cli.Output;
using AuthPlatform.Cli.Running;
using AuthPlatform.Data.Auth;

namespace AuthPlatform.Cli.Apps;

/// <summary><c>authplatform apps rotate-secret</c>.</summary>
internal static class RotateSecret
{
    private static readonly Argument<string> ClientId = AppsCommand.ClientId();
    private static readonly Option<int?> ExpireOldAfter = DurationOption.Create("--expire-old-after", "The secret it has now is refused after this long; 0 refuses it at once. Without this it stays");
    private static readonly NewSecret Secret = new();

    public static Command Create(Terminal terminal)
    {
        var command = new Command(
            "rotate-secret",
            "Add a second secret and print it, this one time. Both work until the older expires: roll the new one out, see by 'apps show' that the old one is used no more, expire it")
        {
            ClientId,
            ExpireOldAfter,
        };
        Secret.AddTo(command);
        command.Run(terminal, Stores.AuthDatabase | Stores.Encryption, HandleAsync);
        return command;
    }

    private static async Task<int> HandleAsync(Invocation invocation)
    {
        if (await invocation.FindApplicationAsync(invocation.Arguments.GetRequiredValue(ClientId)) is not { } application)
        {
            return ExitCodes.Failed;
        }

        var now = await invocation.AuthDatabase.ReadTimeAsync(invocation.Cancellation);
        if (ApplicationRegistration.FreeSlot(application.Secrets, now) is not { } slot)
        {
            SecretView.Write(invocation.Terminal.Error, AppView.Of(application, now).Secrets);
            return invocation.Fail($"Both secrets of '{application.ClientId}' are live, and there is room for two. Expire one first: authplatform apps expire-secret {application.ClientId} --slot <1 or 2>");
        }

        if (Secret.Take(invocation) is not var (secret, isNew))
        {
            return ExitCodes.Failed;
        }

        if (application.Secrets.FirstOrDefault(s => s.Slot == slot) is { } expired)
        {
            application.Secrets.Remove(expired);
        }

        if (invocation.Arguments.GetValue(ExpireOldAfter) is { } seconds && application.Secrets.SingleOrDefault(s => s.IsLive(now)) is { } old)
        {
            old.ExpiresAt = Earlier(old.ExpiresAt, now.AddSeconds(seconds));
        }

        application.Secrets.Add(ApplicationRegistration.NewSecret(application.Id, slot, secret, invocation.Cipher, now));
        await invocation.SaveAsync(application);

        // Before anything that may take its time: it is in no other place.
        var secrets = AppView.Of(application, now).Secrets;
        var exitCode = invocation.Show(new Rotated(application.ClientId, isNew ? secret : null, slot, secrets), output =>
        {
            Table.WriteFields(output, ("client_id", application.ClientId), ("secret", isNew ? secret : "the one from standard input"));
            output.WriteLine();
            SecretView.Write(output, secrets);
            if (isNew)
            {
                output.WriteLine();
                output.WriteLine("The secret is shown this once: hand it over now.");
            }
        });
        await invocation.TellChangedAsync(application.ClientId);
        return exitCode;
    }

    private static DateTimeOffset Earlier(DateTimeOffset? present, DateTimeOffset wanted) => present < wanted ? present.Value : wanted;

    private sealed record Rotated(string ClientId, string? Secret, int Slot, IReadOnlyList<SecretView> Secrets);
}
