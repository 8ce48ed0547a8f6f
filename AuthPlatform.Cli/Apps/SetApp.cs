using System.CommandLine;
using AuthPlatform.Cli.Output;
using AuthPlatform.Cli.Running;
using AuthPlatform.Data.Auth;

namespace AuthPlatform.Cli.Apps;

/// <summary><c>authplatform apps set</c>.</summary>
internal static class SetApp
{
    private static readonly Argument<string> ClientId = AppsCommand.ClientId();
    private static readonly Option<string?> Name = new("--name") { Description = "What people call it", HelpName = "text" };
    private static readonly PolicyOptions Policy = new();

    public static Command Create(Terminal terminal)
    {
        var command = new Command("set", "Change what is given, leave the rest") { ClientId, Name };
        Policy.AddTo(command);
        command.Run(terminal, Stores.AuthDatabase, HandleAsync);
        return command;
    }

    private static async Task<int> HandleAsync(Invocation invocation)
    {
        var arguments = invocation.Arguments;
        if (arguments.GetValue(Name) is null && !Policy.AreGiven(arguments))
        {
            return invocation.WrongUsage(["Nothing to change was given; 'authplatform apps set --help' lists what there is."]);
        }

        if (await invocation.FindApplicationAsync(arguments.GetRequiredValue(ClientId)) is not { } application)
        {
            return ExitCodes.Failed;
        }

        var before = Fields(application);
        application.Name = arguments.GetValue(Name) ?? application.Name;
        if (Policy.Apply(arguments, application) is { Count: > 0 } failures)
        {
            return invocation.WrongUsage(failures);
        }

        var changes = before.Zip(Fields(application)).Where(pair => pair.First.Value != pair.Second.Value).ToList();
        var unknown = await invocation.FindUnknownResourceServersAsync(application);
        if (changes.Count > 0)
        {
            await invocation.SaveAsync(application);
        }

        var exitCode = invocation.Show(AppView.Of(application, invocation.Now), output =>
        {
            foreach (var (old, changed) in changes)
            {
                output.WriteLine(Text.Printable($"{old.Name}: {old.Value} -> {changed.Value}"));
            }

            if (changes.Count == 0)
            {
                output.WriteLine("Nothing changed: it is like that already.");
            }
        });
        if (changes.Count > 0)
        {
            await invocation.FollowUpAsync(application, unknown);
        }

        return exitCode;
    }

    private static List<(string Name, string Value)> Fields(Application application) => [("name", application.Name), .. AppPolicyView.Of(application).Fields()];
}
