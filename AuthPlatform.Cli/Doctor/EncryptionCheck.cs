using AuthPlatform.Cli.Running;
using AuthPlatform.Data.Encryption;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace AuthPlatform.Cli.Doctor;

/// <summary>Whether the configured encryption keys open what is stored: one record of every column and every key in use.</summary>
internal static class EncryptionCheck
{
    public static async Task<IReadOnlyList<CheckResult>> RunAsync(Invocation invocation, IReadOnlyList<(string Name, DbContext Context)> databases)
    {
        EnvelopeCipher cipher;
        try
        {
            cipher = invocation.Cipher;
        }
        catch (OptionsValidationException invalid)
        {
            return [new CheckResult("encryption keys", CheckStatus.Fail, string.Join(' ', invalid.Failures), "Use the same list as the services.")];
        }

        var results = new List<CheckResult>();
        foreach (var (name, context) in databases)
        {
            results.Add(await OpenAsync(name, context, cipher, invocation.Cancellation));
        }

        return results;
    }

    private static async Task<CheckResult> OpenAsync(string name, DbContext database, EnvelopeCipher cipher, CancellationToken cancellationToken)
    {
        await database.Database.OpenConnectionAsync(cancellationToken);
        if (await EncryptionSelfTest.RunAsync(database.Database.GetDbConnection(), cipher, cancellationToken) is { } refusal)
        {
            return new CheckResult($"{name} encryption", CheckStatus.Fail, refusal, "Until then the services refuse to start.");
        }

        var left = (await new Rekey(cipher).CountAsync(database, cancellationToken)).Sum(column => column.Left);
        return left == 0
            ? new CheckResult($"{name} encryption", CheckStatus.Ok, $"all stored with the newest key, {cipher.CurrentKeyId}")
            : new CheckResult($"{name} encryption", CheckStatus.Warn, $"{left} value(s) are still stored with an older key", "Run 'authplatform keys rekey' before the older key leaves Encryption__Keys.");
    }
}
