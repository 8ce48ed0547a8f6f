using System.CommandLine;
using AuthPlatform.Cli.Keys;
using AuthPlatform.Cli.Output;
using AuthPlatform.Cli.Running;

namespace AuthPlatform.Cli.Import;

/// <summary><c>authplatform import</c>: applications, keys and live tokens of the older service. Says what it would do, unless it is told to do it.</summary>
internal sealed class ImportCommand
{
    private const long LargestFile = 512L * 1024 * 1024;
    private const int MostFailures = 50;

    private readonly Argument<FileInfo[]> _files = new("files")
    {
        Description = "A mysqldump (.sql), exports as .csv named like their tables (applications, keys, tokens), or .json",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<bool> _apply = new("--apply") { Description = "Write it; without this nothing is changed" };

    private ImportCommand()
    {
    }

    public static Command Create(Terminal terminal)
    {
        var self = new ImportCommand();
        var command = new Command("import", "Move applications, keys and live tokens of the older service here; a dry run unless --apply is given" + KeysCommand.LikeTheKeyManager)
        {
            self._files, self._apply,
        };
        command.Run(terminal, Stores.AuthDatabase | Stores.KeysDatabase | Stores.Encryption, self.HandleAsync);
        return command;
    }

    private async Task<int> HandleAsync(Invocation invocation)
    {
        var rows = OldRows.Empty();
        foreach (var file in invocation.Arguments.GetRequiredValue(_files))
        {
            var read = Read(file);
            rows.Rows.AddRange(read.Rows);
            rows.Failures.AddRange(read.Failures);
        }

        var old = OldDeployment.Read(rows, invocation.Now);
        var import = new DeploymentImport(invocation, old);
        await import.CheckAsync();
        if (old.Failures.Count > 0)
        {
            old.Failures.Take(MostFailures).ToList().ForEach(failure => invocation.Fail(failure));
            return invocation.Fail(
                (old.Failures.Count > MostFailures ? $"{old.Failures.Count - MostFailures} more. " : "") + "Nothing was imported: correct these, or take the records out.");
        }

        var applied = invocation.Arguments.GetValue(_apply);
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

    private static OldRows Read(FileInfo file)
    {
        try
        {
            if (file.Length > LargestFile)
            {
                return new OldRows([], [$"{file.FullName} is larger than {LargestFile >> 20} MB: export the tables one by one."]);
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
