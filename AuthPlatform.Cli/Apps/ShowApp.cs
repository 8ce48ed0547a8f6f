using System.CommandLine;
using AuthPlatform.Cli.Running;

namespace AuthPlatform.Cli.Apps;

/// <summary><c>authplatform apps show</c>.</summary>
internal static class ShowApp
{
    public static Command Create(Terminal terminal)
    {
        var clientId = AppsCommand.ClientId();
        var command = new Command("show", "Show an application's policy, and its secrets with their last use but never themselves") { clientId };
        command.Run(terminal, Stores.AuthDatabase, invocation => HandleAsync(invocation, invocation.Arguments.GetRequiredValue(clientId)));
        return command;
    }

    private static async Task<int> HandleAsync(Invocation invocation, string clientId)
    {
        if (await invocation.FindApplicationAsync(clientId) is not { } application)
        {
            return ExitCodes.Failed;
        }

        var view = AppView.Of(application, await invocation.AuthDatabase.ReadTimeAsync(invocation.Cancellation));
        return invocation.Show(view, view.Write);
    }
}
