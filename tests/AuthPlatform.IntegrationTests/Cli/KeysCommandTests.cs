using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace AuthPlatform.IntegrationTests.Cli;

/// <summary>What operators do with keys, seen by clients and verifiers of the running platform.</summary>
public sealed class KeysCommandTests(AuthPlatformFixture platform)
{
    private const string Passphrase = "correct horse battery staple";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rotate_ByAnOperator_LetsTheAnnouncedKeySignAndOldTokensVerify()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var before = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);

        var rotation = JsonElement.Parse(await RunAsync(0, "keys", "rotate", application.ClientId, "--json"));

        Assert.Equal(before.Text("kid"), rotation.Text("old_kid"));
        await Eventually.TrueAsync(async () => (await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation)).Text("kid") == rotation.Text("new_kid"), Cancellation);
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(application, before.Text("access_token"), Cancellation)).Status);
        Assert.Contains("less than a minute ago", await RunAsync(1, "keys", "rotate", application.ClientId), StringComparison.Ordinal);
        Assert.Contains(AuditKinds.KeyRotated, await AuditedAsync(application));
    }

    [Fact]
    public async Task Revoke_ByAnOperator_SaysWhatHangsOnTheKeyAndThenRefusesAllItSigned()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var issued = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
        var kid = issued.Text("kid");

        Assert.Contains("1 live session(s) have their newest token from it", await RunAsync(2, "keys", "revoke", application.ClientId, kid), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(application, issued.Text("access_token"), Cancellation)).Status);
        Assert.Contains("has no key 'nothing'", await RunAsync(1, "keys", "revoke", application.ClientId, "nothing", "--yes"), StringComparison.Ordinal);

        await RunAsync(0, "keys", "revoke", application.ClientId, kid, "--yes");

        await Eventually.TrueAsync(async () => (await platform.VerifyAsync(application, issued.Text("access_token"), Cancellation)).Status == HttpStatusCode.Unauthorized, Cancellation);
        // The Token APIs may hear of it a moment before the Key Manager.
        await Eventually.TrueAsync(async () => !(await PublishedAsync(application)).Contains(kid, StringComparison.Ordinal), Cancellation);
        Assert.NotEqual(kid, (await platform.RefreshAsync(application, issued.Text("refresh_token"), Cancellation)).Text("kid"));
        Assert.Contains(AuditKinds.KeyRevoked, await AuditedAsync(application));
    }

    /// <summary>Of a hundred million sessions, or while something has locked them, there is no number; an emergency does not wait for one.</summary>
    [Fact]
    public async Task Revoke_WhileSessionsCannotBeCounted_SaysSoAndIsDoneWhenToldTo()
    {
        var databases = new FreshDatabases(platform);
        var settings = await databases.MigratedWithKeysAsync(Cancellation);
        var kid = await databases.ActiveKidAsync(Cancellation);

        await using var connection = new NpgsqlConnection(settings["ConnectionStrings__authdb"]);
        await connection.OpenAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await using var nobodyReads = new NpgsqlCommand("LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE", connection);
        await nobodyReads.ExecuteNonQueryAsync(Cancellation);
        settings["ConnectionStrings__authdb"] = new NpgsqlConnectionStringBuilder(settings["ConnectionStrings__authdb"]) { Options = "-c lock_timeout=200" }.ConnectionString;

        string[][] asking = [["keys", "revoke", FreshDatabases.ClientId, kid], ["keys", "rotate", FreshDatabases.ClientId, "--retain", "0"]];
        foreach (var arguments in asking)
        {
            var (asked, _, question) = await OperatorCli.RunAsync(settings, Cancellation, arguments);
            Assert.Equal(2, asked);
            Assert.Contains($"Everything that {kid} signed will be refused within a second. Its sessions could not be counted.", question, StringComparison.Ordinal);
        }

        var (exitCode, output, error) = await OperatorCli.RunAsync(settings, Cancellation, "keys", "revoke", FreshDatabases.ClientId, kid, "--yes");
        Assert.True(exitCode == 0, error);
        Assert.Contains($"{kid} is revoked", output, StringComparison.Ordinal);
    }

    /// <summary>The key is out of use by then, and who did that must be known.</summary>
    [Fact]
    public async Task Revoke_InterruptedWhenItHasHappened_IsInTheAuditAllTheSame()
    {
        const string SomebodyWaits =
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'audit_events'::regclass AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))::text";
        var databases = new FreshDatabases(platform);
        var settings = await databases.MigratedWithKeysAsync(Cancellation);
        var kid = await databases.ActiveKidAsync(Cancellation);
        await using var connection = new NpgsqlConnection(settings["ConnectionStrings__authdb"]);
        await connection.OpenAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await using var nobodyWrites = new NpgsqlCommand("LOCK TABLE audit_events IN SHARE MODE", connection);
        await nobodyWrites.ExecuteNonQueryAsync(Cancellation);
        using var interruption = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);

        var revoking = OperatorCli.RunAsync(settings, interruption.Token, "keys", "revoke", FreshDatabases.ClientId, kid, "--yes");
        await Eventually.TrueAsync(async () => await databases.ReadAsync(ResourceNames.AuthDatabase, SomebodyWaits, Cancellation) == "true", Cancellation);
        await interruption.CancelAsync();
        await transaction.RollbackAsync(Cancellation);

        var (exitCode, _, error) = await revoking;
        Assert.True(exitCode == 0, error);
        Assert.Equal("1", await databases.ReadAsync(ResourceNames.AuthDatabase, $"SELECT count(*)::text FROM audit_events WHERE kind = '{AuditKinds.KeyRevoked}'", Cancellation));
    }

    [Theory]
    [InlineData("Keys__RetainSeconds", "600", "Keys: Retain 600 s is less than 4020 s")]
    [InlineData("Keys__KeySize", "many", "'Keys:KeySize'")]
    [InlineData("Keys__AllowUnsafeSchedule", "true", "in the environment Development only")]
    public async Task Command_WithSettingsThatTheKeyManagerRefuses_SaysWhyAndDoesNothing(string setting, string value, string says)
    {
        var settings = await platform.OperatorEnvironmentAsync(Cancellation);
        settings[setting] = value;

        var (exitCode, output, error) = await OperatorCli.RunAsync(settings, Cancellation, "keys", "rotate", "nobody");

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains(says, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bundle_OfLostKeys_BringsThemBackForThoseWhoHaveTheFileAndThePassphrase()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var issued = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
        var published = await platform.Gateway.GetStringAsync(Jwks(application), Cancellation);
        var folder = Directory.CreateTempSubdirectory("authplatform-keys-");
        try
        {
            var (bundle, passphrase) = (Path.Combine(folder.FullName, "keys.json"), Path.Combine(folder.FullName, "passphrase"));
            await File.WriteAllTextAsync(passphrase, Passphrase, Cancellation);
            await RunAsync(0, "keys", "export", application.ClientId, "--out", bundle, "--passphrase-file", passphrase);
            Assert.Contains("already exists", await RunAsync(1, "keys", "export", application.ClientId, "--out", bundle, "--passphrase-file", passphrase), StringComparison.Ordinal);
            var nowhere = Path.Combine(folder.FullName, "nowhere", "keys.json");
            Assert.Contains("Could not find", await RunAsync(1, "keys", "export", application.ClientId, "--out", nowhere, "--passphrase-file", passphrase), StringComparison.Ordinal);
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(bundle));
            }

            Assert.Contains("is there already", await RunAsync(1, "keys", "import", application.ClientId, bundle, "--passphrase-file", passphrase), StringComparison.Ordinal);

            await using (var database = await platform.OpenKeysDatabaseAsync(Cancellation))
            {
                await database.KeyApplications.Where(a => a.ClientId == application.ClientId).ExecuteDeleteAsync(Cancellation);
            }

            Assert.Contains("the passphrase is wrong, or the file was changed", await RunAsync(1, "keys", "import", application.ClientId, bundle, "--passphrase-file", bundle), StringComparison.Ordinal);
            await RunAsync(0, "keys", "import", application.ClientId, bundle, "--passphrase-file", passphrase);

            await Eventually.TrueAsync(async () => await PublishedAsync(application) == published, Cancellation);
            await Eventually.TrueAsync(async () => (await platform.VerifyAsync(application, issued.Text("access_token"), Cancellation)).Status == HttpStatusCode.OK, Cancellation);
            Assert.Equal(issued.Text("kid"), (await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation)).Text("kid"));
            Assert.Equal([AuditKinds.KeysExported, AuditKinds.KeysImported], (await AuditedAsync(application)).Intersect([AuditKinds.KeysExported, AuditKinds.KeysImported]).Order(StringComparer.Ordinal));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Pem_OfAnotherService_SignsUnderItsNameAndAWeakOneIsRefused()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var issued = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
        var kid = "old-service." + SignedRequests.Nonce();
        var file = Path.GetTempFileName();
        try
        {
            using var weak = RSA.Create(1024);
            await File.WriteAllTextAsync(file, weak.ExportPkcs8PrivateKeyPem(), Cancellation);
            Assert.Contains("The modulus has 1024 bits", await RunAsync(1, "keys", "import", application.ClientId, file), StringComparison.Ordinal);

            using var strong = RSA.Create(3072);
            await File.WriteAllTextAsync(file, strong.ExportPkcs8PrivateKeyPem(), Cancellation);
            Assert.Contains("may not know the key", await RunAsync(0, "keys", "import", application.ClientId, file, "--kid", kid, "--active"), StringComparison.Ordinal);

            await Eventually.TrueAsync(async () => (await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation)).Text("kid") == kid, Cancellation);
            Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(application, issued.Text("access_token"), Cancellation)).Status);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static Uri Jwks(TestApplication application) => new($"/auth/{application.ClientId}/jwks", UriKind.Relative);

    private async Task<string> PublishedAsync(TestApplication application)
    {
        using var response = await platform.Gateway.GetAsync(Jwks(application), Cancellation);
        return await response.Content.ReadAsStringAsync(Cancellation);
    }

    private async Task<string> RunAsync(int expected, params string[] arguments)
    {
        var (exitCode, output, error) = await OperatorCli.RunAsync(await platform.OperatorEnvironmentAsync(Cancellation), Cancellation, arguments);
        Assert.True(exitCode == expected, output + error);
        Assert.DoesNotContain(Passphrase, output + error, StringComparison.Ordinal);
        return output + error;
    }

    private async Task<List<string>> AuditedAsync(TestApplication application)
    {
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        return await database.AuditEvents.Where(e => e.ClientId == application.ClientId).Select(e => e.Kind).Distinct().ToListAsync(Cancellation);
    }
}
