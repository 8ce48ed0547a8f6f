using System.CommandLine;
using System.Security.Cryptography;
using AuthPlatform.Cli.Apps;
using AuthPlatform.Cli.Keys.Transfer;
using AuthPlatform.Cli.Output;
using AuthPlatform.Cli.Running;
using AuthPlatform.Data.Auth;
using AuthPlatform.KeyManager.Keys;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.Cli.Keys;

/// <summary><c>authplatform keys import</c>: keys that were made elsewhere, from a PEM file or from a bundle of <c>keys export</c>.</summary>
internal static class ImportKeys
{
    private const int LargestFile = 1024 * 1024;

    private static readonly Argument<string> ClientId = AppsCommand.ClientId();
    private static readonly Argument<FileInfo> Source = new("file") { Description = "A PKCS#8 key or a public key in PEM, or a bundle of 'keys export'" };
    private static readonly Option<string?> Kid = new("--kid") { Description = "The name of a PEM key, as tokens that it has signed say it; otherwise one is made", HelpName = "kid" };
    private static readonly Option<bool> Active = new("--active") { Description = "Let the imported key sign from now on. Without this it only verifies, unless the application has no keys yet" };
    private static readonly Option<int?> Retain = DurationOption.Create("--retain", "How long a key that only verifies stays published; without this the application's own retention");
    private static readonly PassphraseOption Passphrase = new();

    public static Command Create(Terminal terminal)
    {
        var command = new Command("import", "Add keys that were made elsewhere, after checking that they are sound" + KeysCommand.LikeTheKeyManager)
        {
            ClientId, Source, Kid, Active, Retain,
        };
        Passphrase.AddTo(command);
        command.Run(terminal, Stores.AuthDatabase | Stores.KeysDatabase | Stores.Encryption, HandleAsync);
        return command;
    }

    private static async Task<int> HandleAsync(Invocation invocation)
    {
        if (await invocation.FindApplicationAsync(invocation.Arguments.GetRequiredValue(ClientId)) is not { } application || Read(invocation) is not { } given)
        {
            return ExitCodes.Failed;
        }

        await using var change = (await invocation.Keys.BeginAsync(application.ClientId, register: true, wait: true, invocation.Cancellation))!;
        var taken = given.Select(key => key.Kid).ToList();
        if (await invocation.KeysDatabase.SigningKeys.Where(k => taken.Contains(k.Kid)).Select(k => k.Kid).FirstOrDefaultAsync(invocation.Cancellation) is { } known)
        {
            return invocation.Fail($"A key named '{known}' is there already; nothing was imported.");
        }

        var import = new KeyImport(change, invocation.Cipher, invocation.Arguments.GetValue(Active), invocation.Arguments.GetValue(Retain));
        if (import.Problem(given) is { } problem)
        {
            return invocation.Fail(problem);
        }

        var imported = await import.ApplyAsync(given, invocation.Cancellation);
        await invocation.CommitAsync(change, application, AuditKinds.KeysImported, new { Kids = imported.ConvertAll(key => key.Kid) });
        var views = imported.ConvertAll(key => KeyView.Of(key, change.Now));
        if (views.Exists(key => key.State == KeyState.Active))
        {
            invocation.Warn("Verifiers that cached the JWKS before this may not know the key that signs now for up to 5 minutes.");
        }

        return invocation.Show(views, output => Table.Write(output, ["KID", "STATE", "LEAVES JWKS"], views.Select(k => new[] { k.Kid, KeyStates.Name(k.State), Text.Time(k.ExpiresAt) })));
    }

    /// <summary>The keys of the file; null, and said, when there are none that may be used.</summary>
    private static IReadOnlyList<BundledKey>? Read(Invocation invocation)
    {
        var file = invocation.Arguments.GetRequiredValue(Source);
        string text;
        try
        {
            if (file.Length > LargestFile)
            {
                invocation.Fail($"{file.FullName} is too large for a key.");
                return null;
            }

            text = File.ReadAllText(file.FullName);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            invocation.Fail($"{file.FullName} cannot be read.");
            return null;
        }

        return BundleFile.LooksLikeOne(text) ? ReadBundle(invocation, text) : ReadPem(invocation, text);
    }

    private static IReadOnlyList<BundledKey>? ReadBundle(Invocation invocation, string text)
    {
        if (Passphrase.Read(invocation, isNew: false) is not { } passphrase)
        {
            return null;
        }

        var (bundle, problem) = BundleFile.Read(text, passphrase);
        if (bundle is null || bundle.ClientId != invocation.Arguments.GetRequiredValue(ClientId))
        {
            invocation.Fail(problem ?? $"The bundle holds the keys of '{bundle!.ClientId}'.");
            return null;
        }

        return bundle.Keys;
    }

    private static IReadOnlyList<BundledKey>? ReadPem(Invocation invocation, string text)
    {
        var passphrase = PemKey.IsEncrypted(text) ? Passphrase.Read(invocation, isNew: false) : null;
        if (PemKey.IsEncrypted(text) && passphrase is null)
        {
            return null;
        }

        var (key, problems) = PemKey.Read(text, passphrase);
        foreach (var problem in problems)
        {
            invocation.Fail(problem);
        }

        if (key is null)
        {
            return null;
        }

        using var rsa = RSA.Create(key.Numbers);
        var now = invocation.Now;
        var kid = invocation.Arguments.GetValue(Kid) ?? KeyPair.KeyId(now, Guid.CreateVersion7(now));
        return [new BundledKey(kid, rsa.ExportSubjectPublicKeyInfo(), key.HasPrivatePart ? rsa.ExportPkcs8PrivateKey() : null, now, now, now, null, null)];
    }
}
