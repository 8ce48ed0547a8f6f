using System.CommandLine;
using System.Globalization;
using AuthPlatform.Cli.Output;
using AuthPlatform.Cli.Running;
using AuthPlatform.Data.Encryption;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.Cli.Keys;

/// <summary><c>authplatform keys rekey</c>.</summary>
internal static class RekeyAll
{
    private static readonly Option<bool> Check = new("--check") { Description = "Only count what an older encryption key still holds; exits with 1 if anything" };

    public static Command Create(Terminal terminal)
    {
        var command = new Command(
            "rekey",
            "Re-encrypt every private key and application secret with the newest encryption key (Encryption__Keys__0) and prove that nothing is left on an older one. Safe to interrupt and to repeat, while the services run")
        {
            Check,
        };
        command.Run(terminal, Stores.AuthDatabase | Stores.KeysDatabase | Stores.Encryption, HandleAsync);
        return command;
    }

    private static async Task<int> HandleAsync(Invocation invocation)
    {
        var rekey = new Rekey(invocation.Cipher);
        var results = new List<RekeyResult>();
        foreach (var database in new DbContext[] { invocation.AuthDatabase, invocation.KeysDatabase })
        {
            results.AddRange(invocation.Arguments.GetValue(Check) ? await rekey.CountAsync(database, invocation.Cancellation) : await rekey.RunAsync(database, invocation.Cancellation));
        }

        var left = results.Sum(result => result.Left);
        var columns = results.Select(r => new Row($"{r.Column.Table}.{r.Column.Name}", r.Moved, r.Left)).ToList();
        invocation.Show(new { EncryptionKey = invocation.Cipher.CurrentKeyId, Columns = columns, Left = left }, output =>
        {
            Table.Write(output, ["COLUMN", "MOVED", "LEFT"], columns.Select(c => new[] { c.Column, Number(c.Moved), Number(c.Left) }));
            output.WriteLine();
            output.WriteLine(left == 0
                ? $"Everything is encrypted with the key {invocation.Cipher.CurrentKeyId}. Take the older ones out of Encryption__Keys and restart the services."
                : $"{Number(left)} value(s) are not encrypted with the key {invocation.Cipher.CurrentKeyId}.");
        });
        foreach (var failure in results.SelectMany(result => result.Failures))
        {
            invocation.Warn(failure);
        }

        return left == 0 ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private sealed record Row(string Column, long Moved, long Left);
}
