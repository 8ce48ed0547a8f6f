using System.CommandLine;
using AuthPlatform.Cli.Output;
using AuthPlatform.Cli.Running;
using AuthPlatform.Contracts;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.Cli.Doctor;

/// <summary><c>authplatform doctor</c>.</summary>
internal static class DoctorCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("doctor", "Check the installation: databases, clocks, encryption keys, signing keys, retention, Redis. Changes nothing; exits with 1 when a check fails");
        command.Run(terminal, Stores.None, HandleAsync);
        return command;
    }

    private static async Task<int> HandleAsync(Invocation invocation)
    {
        var results = new List<CheckResult>();
        var databases = new List<(string Name, DbContext Context)>();
        foreach (var (name, context) in new (string, Func<DbContext>)[] { (ResourceNames.AuthDatabase, () => invocation.AuthDatabase), (ResourceNames.KeysDatabase, () => invocation.KeysDatabase) })
        {
            if (!invocation.Has(name))
            {
                results.Add(new CheckResult(name, CheckStatus.Fail, "no connection string", $"Set ConnectionStrings__{name}."));
                continue;
            }

            var found = await DatabaseCheck.RunAsync(invocation, name, context());
            results.AddRange(found);
            if (found.All(result => result.Status != CheckStatus.Fail))
            {
                databases.Add((name, context()));
            }
        }

        if (databases.Exists(database => database.Name == ResourceNames.AuthDatabase))
        {
            results.Add(await RevocationsCheck.RunAsync(invocation));
        }

        results.AddRange(await EncryptionCheck.RunAsync(invocation, databases));
        if (databases.Count == 2)
        {
            results.AddRange(await KeysCheck.RunAsync(invocation));
        }

        results.Add(await RedisCheck.RunAsync(invocation));
        return Show(invocation, results);
    }

    private static int Show(Invocation invocation, List<CheckResult> results)
    {
        var healthy = results.All(result => result.Status != CheckStatus.Fail);
        invocation.Show(new { Healthy = healthy, Checks = results }, output =>
        {
            var width = results.Max(result => result.Name.Length);
            foreach (var result in results)
            {
                output.WriteLine(Text.Printable($"{result.Status.ToString().ToLowerInvariant(),-4}  {result.Name.PadRight(width)}  {result.Detail}"));
                if (result.Advice is { } advice)
                {
                    output.WriteLine(Text.Printable($"{new string(' ', width + 6)}  -> {advice}"));
                }
            }
        });
        return healthy ? ExitCodes.Done : ExitCodes.Failed;
    }
}
