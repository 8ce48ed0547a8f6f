using System.CommandLine;
using System.CommandLine.Help;
using AuthPlatform.Cli.Admins;
using AuthPlatform.Cli.Apps;
using AuthPlatform.Cli.Doctor;
using AuthPlatform.Cli.Import;
using AuthPlatform.Cli.Keys;
using AuthPlatform.Cli.Running;

namespace AuthPlatform.Cli;

/// <summary>The command line as a whole.</summary>
internal static class OperatorCommand
{
    public static async Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken cancellationToken = default)
    {
        var result = Create(terminal).Parse(args);
        var configuration = new InvocationConfiguration { Output = terminal.Output, Error = terminal.Error, EnableDefaultExceptionHandler = false };
        if (result.Errors.Count == 0 || result.Action is HelpAction)
        {
            return await result.InvokeAsync(configuration, cancellationToken);
        }

        foreach (var error in result.Errors)
        {
            terminal.Error.WriteLine($"error: {error.Message}");
        }

        terminal.Error.WriteLine($"'{Path(result.CommandResult.Command)} --help' shows how it is used.");
        return ExitCodes.WrongUsage;
    }

    private static RootCommand Create(Terminal terminal)
    {
        var root = new RootCommand(
            """
            Operates an AuthPlatform: applications, signing keys, administrators, a move from an older service, and a check of the whole installation.

            It works on the databases directly and takes its settings like the services do: ConnectionStrings__authdb, ConnectionStrings__keysdb,
            ConnectionStrings__redis (optional) and Encryption__Keys__0 in the environment, in files of those names in the directory SecretsDirectory,
            or in a JSON file (--settings, or AUTHPLATFORM_SETTINGS).
            With neither, it looks for the file that an AppHost running on this machine has written.
            What it changes is in the audit by the name in AUTHPLATFORM_OPERATOR, or else by that of the account; except what 'keys ensure' and
            'keys rekey' do, and the sessions that 'import' brings.

            Exit codes: 0 done, 1 it failed or a check failed, 2 the command line is wrong.
            """);
        root.Options.Add(GlobalOptions.Json);
        root.Options.Add(GlobalOptions.Settings);
        root.Subcommands.Add(AppsCommand.Create(terminal));
        root.Subcommands.Add(KeysCommand.Create(terminal));
        root.Subcommands.Add(AdminsCommand.Create(terminal));
        root.Subcommands.Add(ImportCommand.Create(terminal));
        root.Subcommands.Add(DoctorCommand.Create(terminal));
        return root;
    }

    private static string Path(Command command) =>
        string.Join(' ', command.Parents.OfType<Command>().Reverse().Append(command).Select(c => c is RootCommand ? "authplatform" : c.Name));
}
