using System.CommandLine;
using System.Security.Cryptography;
using AuthPlatform.Cli.Apps;
using AuthPlatform.Cli.Keys.Transfer;
using AuthPlatform.Cli.Output;
using AuthPlatform.Cli.Running;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Encryption;
using AuthPlatform.Data.Keys;
using AuthPlatform.KeyManager.Keys;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.Cli.Keys;

/// <summary><c>authplatform keys export</c>.</summary>
internal static class ExportKeys
{
    private static readonly Argument<string> ClientId = AppsCommand.ClientId();
    private static readonly Option<FileInfo> Out = new("--out") { Description = "The file to write; it must not exist", HelpName = "file", Required = true };
    private static readonly PassphraseOption Passphrase = new();

    public static Command Create(Terminal terminal)
    {
        var command = new Command("export", "Write an application's published keys, private parts included, to a file encrypted with a passphrase") { ClientId, Out };
        Passphrase.AddTo(command);
        command.Run(terminal, Stores.AuthDatabase | Stores.KeysDatabase | Stores.Encryption, HandleAsync);
        return command;
    }

    private static async Task<int> HandleAsync(Invocation invocation)
    {
        var clientId = invocation.Arguments.GetRequiredValue(ClientId);
        var file = invocation.Arguments.GetRequiredValue(Out);
        if (await invocation.FindApplicationAsync(clientId) is not { } application)
        {
            return ExitCodes.Failed;
        }

        var rows = await invocation.KeysDatabase.SigningKeys.AsNoTracking().Where(k => k.ClientId == clientId).ToListAsync(invocation.Cancellation);
        var keys = rows.Where(k => KeyPolicy.IsPublished(KeyPolicy.StateOf(k, invocation.Now))).OrderBy(k => k.CreatedAt).ToList();
        if (keys.Count == 0)
        {
            return invocation.Fail($"'{clientId}' has no keys.");
        }

        if (Passphrase.Read(invocation, isNew: true) is not { } passphrase)
        {
            return ExitCodes.Failed;
        }

        // First: there must be no file that nobody knows of.
        await invocation.RecordAsync(application, AuditKinds.KeysExported, new { Kids = keys.ConvertAll(key => key.Kid) }, invocation.Cancellation);
        var bundle = new KeyBundle(clientId, invocation.Now, [.. keys.Select(key => ToBundled(key, invocation.Cipher))]);
        var text = BundleFile.Write(bundle, passphrase);
        foreach (var key in bundle.Keys)
        {
            CryptographicOperations.ZeroMemory(key.PrivateKey);
        }

        if (Write(file, text) is { } reason)
        {
            return invocation.Fail($"{file.FullName} cannot be written: {reason}");
        }

        var exported = keys.ConvertAll(key => KeyView.Of(key, invocation.Now));
        return invocation.Show(new { File = file.FullName, Keys = exported }, output =>
        {
            Table.Write(output, ["KID", "STATE"], exported.Select(k => new[] { k.Kid, KeyStates.Name(k.State) }));
            output.WriteLine();
            output.WriteLine($"{file.FullName} holds them. Whoever has it and the passphrase can sign tokens of {clientId}.");
        });
    }

    private static BundledKey ToBundled(SigningKey key, EnvelopeCipher cipher) => new(
        key.Kid,
        key.PublicKey,
        key.PrivateKeyEncrypted is { } encrypted ? cipher.Decrypt(SigningKey.PrivateKeyField(key.Id), encrypted) : null,
        key.CreatedAt,
        key.AnnouncedAt,
        key.ActivatedAt,
        key.SupersededAt,
        key.ExpiresAt);

    /// <summary>Null when it is written, else why it is not. A file that exists is not replaced.</summary>
    private static string? Write(FileInfo file, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            using var writer = new StreamWriter(file.FullName, options);
            writer.WriteLine(text);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return exception.Message;
        }
    }
}
