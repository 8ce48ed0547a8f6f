using System.CommandLine;
using AuthPlatform.Cli.Apps;
using AuthPlatform.Cli.Keys;
using AuthPlatform.Cli.Output;
using AuthPlatform.Cli.Running;
using AuthPlatform.Data.Auth;

namespace AuthPlatform.Cli.Import;

/// <summary><c>authplatform import</c>: applications, keys and live tokens of the older service. Says what it would do, unless it is told to do it.</summary>
internal static class ImportCommand
{
    private const long LargestFile = 512L * 1024 * 1024;
    private const int MostFailures = 50;

    private static readonly Argument<FileInfo[]> Files = new("files")
    {
        Description = "A mysqldump (.sql), exports as .csv named like their tables (applications, keys, tokens), or .json",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<bool> Apply = new("--apply") { Description = "Write it; without this nothing is changed" };
    private static readonly LifetimeOptions Lifetimes = new();

    public static Command Create(Terminal terminal)
    {
        var command = new Command("import", "Move applications, keys and live tokens of the older service here; a dry run unless --apply is given" + KeysCommand.LikeTheKeyManager)
        {
            Files, Apply,
        };
        Array.ForEach(Lifetimes.All, command.Options.Add);
        command.Run(terminal, Stores.AuthDatabase | Stores.KeysDatabase | Stores.Encryption, HandleAsync);
        return command;
    }

    private static async Task<int> HandleAsync(Invocation invocation)
    {
        if (WrongLifetimes(invocation) is { Count: > 0 } wrong)
        {
            return invocation.WrongUsage(wrong.Select(failure => failure.Message));
        }

        var rows = OldRows.Empty();
        foreach (var file in invocation.Arguments.GetRequiredValue(Files))
        {
            var read = Read(file);
            rows.Rows.AddRange(read.Rows);
            rows.Failures.AddRange(read.Failures);
        }

        var old = OldDeployment.Read(rows, invocation.Now);
        var import = new DeploymentImport(invocation, old, Lifetimes);
        await import.CheckAsync();
        if (old.Failures.Count > 0)
        {
            old.Failures.Take(MostFailures).ToList().ForEach(failure => invocation.Fail(failure));
            return invocation.Fail(
                (old.Failures.Count > MostFailures ? $"{old.Failures.Count - MostFailures} more. " : "") + "Nothing was imported: correct these, or take the records out.");
        }

        var applied = invocation.Arguments.GetValue(Apply);
        if (applied)
        {
            await import.ApplyAsync();
        }

        var counts = import.Counts;
        return invocation.Show(
            new { Applied = applied, counts.Applications, counts.Keys, counts.Sessions, counts.Renewed, counts.ThereAlready, counts.PassedOver, old.Unknown },
            output =>
            {
                Table.WriteFields(
                    output, ("applications", $"{counts.Applications}"), ("keys", $"{counts.Keys}"), ("sessions", $"{counts.Sessions}"), ("renewed", $"{counts.Renewed}"),
                    ("there already", $"{counts.ThereAlready}"), ("over, or replaced", $"{counts.PassedOver}"), ("of other tables", $"{old.Unknown}"));
                output.WriteLine(applied ? "Imported." : "This was a dry run: nothing is written. --apply does it.");
            });
    }

    /// <summary>What is wrong for every application alike is told as that, not as the fault of each row.</summary>
    private static IReadOnlyList<RuleFailure> WrongLifetimes(Invocation invocation)
    {
        var anyone = ApplicationRegistration.NewApplication("any", "Any", invocation.Cipher, invocation.Now);
        Lifetimes.Apply(invocation.Arguments, anyone);
        return ApplicationRules.Check(anyone);
    }

    private static OldRows Read(FileInfo file)
    {
        try
        {
            if (file.Length > LargestFile)
            {
                return new OldRows([], [$"{file.FullName} is larger than {LargestFile >> 20} MB: export the tables one by one, and a large one in parts (mysqldump --where)."]);
            }

            var (text, table) = (File.ReadAllText(file.FullName), Path.GetFileNameWithoutExtension(file.Name).ToLowerInvariant());
            return file.Extension.ToLowerInvariant() switch
            {
                ".sql" => MySqlDump.Read(file.Name, text),
                ".csv" => CsvFile.Read(file.Name, table, text),
                ".json" => JsonExport.Read(file.Name, table, text),
                _ => new OldRows([], [$"{file.Name}: its name must end with .sql, .csv or .json."]),
            };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new OldRows([], [$"{file.FullName} cannot be read."]);
        }
    }
}
