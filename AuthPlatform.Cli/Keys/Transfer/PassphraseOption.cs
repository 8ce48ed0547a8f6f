using System.CommandLine;
using AuthPlatform.Cli.Running;

namespace AuthPlatform.Cli.Keys.Transfer;

/// <summary>Where a passphrase comes from: a file, standard input, or whoever sits at the terminal. Never the command line.</summary>
internal sealed class PassphraseOption
{
    private const string StandardInput = "-";

    private readonly Option<string?> _file = new("--passphrase-file")
    {
        Description = "File whose first line is the passphrase, '-' for standard input; without this it is asked for",
        HelpName = "file",
    };

    public void AddTo(Command command) => command.Options.Add(_file);

    /// <summary>The passphrase; null, and said, when there is none.</summary>
    /// <param name="invocation">The run that needs it.</param>
    /// <param name="isNew">Asks twice, and refuses a short one.</param>
    public string? Read(Invocation invocation, bool isNew)
    {
        if (Take(invocation, isNew) is not { } passphrase)
        {
            return null;
        }

        if (isNew && passphrase.Length < BundleFile.MinimumPassphraseLength)
        {
            invocation.Fail($"A passphrase needs at least {BundleFile.MinimumPassphraseLength} characters: whoever has the file can try as many as they like.");
            return null;
        }

        return passphrase;
    }

    private string? Take(Invocation invocation, bool isNew)
    {
        var terminal = invocation.Terminal;
        switch (invocation.Arguments.GetValue(_file))
        {
            case StandardInput:
                return terminal.Input.ReadLine() ?? "";
            case { } path:
                try
                {
                    using var file = File.OpenText(path);
                    return file.ReadLine() ?? "";
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    invocation.Fail($"The passphrase file {path} cannot be read.");
                    return null;
                }

            case null when !terminal.IsInteractive:
                invocation.Fail("A passphrase is needed: --passphrase-file names a file with it, '-' takes it from standard input.");
                return null;
            default:
                var passphrase = terminal.AskSecret("Passphrase: ");
                if (isNew && terminal.AskSecret("Again: ") != passphrase)
                {
                    invocation.Fail("The two are different.");
                    return null;
                }

                return passphrase;
        }
    }
}
