using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Admin;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace AuthPlatform.IntegrationTests.Cli;

/// <summary>An older deployment moves in, and its users notice nothing.</summary>
public sealed class ImportCommandTests(AuthPlatformFixture platform) : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("import");
    private readonly RSA _key = RSA.Create(2048);
    private readonly TestApplication _application = new(SignedRequests.Nonce()[..10], Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
    private readonly string _kid = "20240131-" + SignedRequests.Nonce()[..20];

    /// <summary>In one line, as exports write it.</summary>
    private string Pem => _key.ExportRSAPrivateKeyPem().ReplaceLineEndings("\\n");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _key.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Import_OfAnOldDeployment_KeepsItsTokensAlive()
    {
        var (access, refresh) = (OldToken("access", 600), OldToken("refresh", 86_400));
        var files = WriteFiles(access, refresh, OldToken("refresh", -5));

        var dryRun = await ImportAsync(files);
        Assert.Equal((1, 1, 1, 1), dryRun);
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.VerifyAsync(_application, access, Cancellation)).Status);

        Assert.Equal(dryRun, await ImportAsync([.. files, "--apply"]));
        Assert.Equal((0, 0, 0, 1), await ImportAsync(files));

        await Eventually.TrueAsync(async () => (await platform.VerifyAsync(_application, access, Cancellation)).Status == HttpStatusCode.OK, Cancellation);
        var verified = (await platform.VerifyAsync(_application, access, Cancellation)).Body;
        Assert.Equal((_kid, "old user"), (verified.Text("kid"), verified.GetProperty("payload").Text("unique_key")));
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.VerifyAsync(_application, refresh, Cancellation)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.VerifyAsync(platform.Bootstrap, access, Cancellation)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.VerifyAsync(_application, OldToken("access", 600), Cancellation)).Status);

        var refreshed = await platform.RefreshAsync(_application, refresh, Cancellation);
        // Its answer was lost: the same again.
        Assert.Equal(refreshed.Text("refresh_token"), (await platform.RefreshAsync(_application, refresh, Cancellation)).Text("refresh_token"));
        Assert.Equal(_kid, refreshed.Text("kid"));
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(_application, refreshed.Text("access_token"), Cancellation)).Status);
        await platform.SendSignedAsync(_application, "/auth/revoke", () => SignedRequests.VerifyBody(refreshed.Text("access_token")), Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.VerifyAsync(_application, access, Cancellation)).Status);

        // What ended here stays ended.
        Assert.Equal((0, 0, 0, 1), await ImportAsync([.. files, "--apply"]));
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.TryRefreshAsync(_application, refresh, Cancellation)).Status);
    }

    [Fact]
    public async Task Import_OfWhatContradictsWhatIsHere_NamesAllOfItAndWritesNothing()
    {
        var here = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var kid = (await platform.IssueAsync(here, SignedRequests.NewUser(), Cancellation)).Text("kid");
        var pem = _key.ExportRSAPrivateKeyPem();
        string[] files =
        [
            Write("clients.csv", $"client_id,client_secret\n{_application.ClientId},{_application.Secret}\n{here.ClientId},{_application.Secret}\n"),
            Write("keys.csv", $"client_id,kid,private_key\n{_application.ClientId},{_kid},\"{pem}\"\n{_application.ClientId},{kid},\"{pem}\"\n"),
        ];

        var (exitCode, output, error) = await RunAsync(await platform.OperatorEnvironmentAsync(Cancellation), [.. files, "--apply"]);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains($"clients.csv, line 3: the application '{here.ClientId}' is here with another secret.", error, StringComparison.Ordinal);
        Assert.Contains($"the key '{kid}' is here as another application's.", error, StringComparison.Ordinal);
        Assert.DoesNotContain(_application.Secret, error, StringComparison.Ordinal);
        await using var auth = await platform.OpenAuthDatabaseAsync(Cancellation);
        await using var keys = await platform.OpenKeysDatabaseAsync(Cancellation);
        Assert.False(await auth.Applications.AnyAsync(a => a.ClientId == _application.ClientId, Cancellation));
        Assert.False(await keys.KeyApplications.AnyAsync(a => a.ClientId == _application.ClientId, Cancellation));
        Assert.False(await keys.SigningKeys.AnyAsync(k => k.Kid == _kid, Cancellation));
    }

    [Fact]
    public async Task Import_EndedBetweenKeysAndSessions_IsCompletedByDoingItAgain()
    {
        var settings = await new FreshDatabases(platform).MigratedAsync(Cancellation);
        string[] arguments = [.. WriteFiles(OldToken("access", 600), OldToken("refresh", 86_400), OldToken("refresh", -5)), "--apply"];
        await using (var connection = new NpgsqlConnection(settings["ConnectionStrings__authdb"]))
        {
            await connection.OpenAsync(Cancellation);
            await using var transaction = await connection.BeginTransactionAsync(Cancellation);
            await using var nobodyWrites = new NpgsqlCommand("LOCK TABLE sessions IN SHARE MODE", connection);
            await nobodyWrites.ExecuteNonQueryAsync(Cancellation);
            var impatient = new NpgsqlConnectionStringBuilder(settings["ConnectionStrings__authdb"]) { Options = "-c lock_timeout=200" }.ConnectionString;
            var (exitCode, _, error) = await RunAsync(new(settings) { ["ConnectionStrings__authdb"] = impatient }, arguments);
            Assert.Equal(1, exitCode);
            Assert.Contains("The database refused it", error, StringComparison.Ordinal);
        }

        Assert.Equal((1, 0, 1, 1), await ImportAsync(settings, arguments));
        Assert.Equal((0, 0, 0, 1), await ImportAsync(settings, arguments));
    }

    [Fact]
    public async Task Import_OfApplicationsAlone_LetsTheKeyManagerMakeTheirKeys()
    {
        Assert.Equal((1, 0, 0, 0), await ImportAsync(WriteClients(_application), "--apply"));

        await Eventually.TrueAsync(
            async () => (await platform.SendSignedAsync(_application, "/auth/token", () => SignedRequests.TokenBody(SignedRequests.NewUser()), Cancellation)).Status == HttpStatusCode.OK,
            Cancellation);
    }

    [Fact]
    public async Task Import_OfAKeyThatCannotBeCalledSo_NamesItsLineAndWritesNoKeyOfAnyApplication()
    {
        var other = _application with { ClientId = SignedRequests.Nonce()[..10] };
        string[] files =
        [
            WriteClients(_application, other),
            Write("keys.csv", $"client_id,kid,private_key\n{_application.ClientId},{_kid},\"{Pem}\"\n{other.ClientId},b:2024,\"{Pem}\"\n"),
        ];

        string[][] runs = [files, [.. files, "--apply"]];
        foreach (var arguments in runs)
        {
            var (exitCode, output, error) = await RunAsync(await platform.OperatorEnvironmentAsync(Cancellation), arguments);
            Assert.Equal((1, ""), (exitCode, output));
            Assert.Contains("keys.csv, line 3: 'b:2024' is no name of a key", error, StringComparison.Ordinal);
        }

        await using var keys = await platform.OpenKeysDatabaseAsync(Cancellation);
        Assert.False(await keys.SigningKeys.AnyAsync(k => k.Kid == _kid, Cancellation));
        Assert.False(await keys.KeyApplications.AnyAsync(a => a.ClientId == _application.ClientId || a.ClientId == other.ClientId, Cancellation));
    }

    [Fact]
    public async Task Import_OfKeysAndOwners_IsInTheAudit()
    {
        var owner = await AdminAccount.CreateAsync(platform, Cancellation);
        var clients = Write(
            "clients.csv", $"client_id,client_secret,owners\n{_application.ClientId},{_application.Secret},\"{owner.UserName},{owner.UserName.ToUpperInvariant()}\"\n");

        await ImportAsync(clients, WriteKeys(), "--apply");

        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var events = await database.AuditEvents.Where(e => e.ClientId == _application.ClientId).Select(e => new { e.Kind, e.Actor, e.Details }).ToListAsync(Cancellation);
        Assert.Equal(
            [AuditKinds.ApplicationCreated, AuditKinds.KeysImported, AuditKinds.OwnerAdded, AuditKinds.SecretAdded], events.Select(e => e.Kind).Order(StringComparer.Ordinal));
        Assert.All(events, e => Assert.StartsWith("cli:", e.Actor, StringComparison.Ordinal));
        Assert.Contains(_kid, events.Single(e => e.Kind == AuditKinds.KeysImported).Details, StringComparison.Ordinal);
        Assert.Contains(owner.UserName, events.Single(e => e.Kind == AuditKinds.OwnerAdded).Details, StringComparison.Ordinal);
    }

    /// <summary>A move without a gap: the older service goes on between the two.</summary>
    [Fact]
    public async Task Import_OfASessionThatWasRefreshedInTheOldServiceMeanwhile_RenewsItUntilItIsUsedHere()
    {
        var (firstAccess, firstRefresh) = (OldToken("access", 500, age: 120), OldToken("refresh", 86_000, age: 120));
        Assert.Equal((1, 1, 1, 1), await ImportAsync([.. WriteFiles(firstAccess, firstRefresh, OldToken("refresh", -5)), "--apply"]));
        var (access, refresh) = (OldToken("access", 600, age: 60), OldToken("refresh", 86_400, age: 60));

        var (exitCode, output, error) = await RunAsync(
            await platform.OperatorEnvironmentAsync(Cancellation), [.. WriteFiles(access, refresh, OldToken("refresh", -5)), "--apply"]);

        Assert.True(exitCode == 0, error);
        var counts = JsonElement.Parse(output);
        Assert.Equal((0, 1), (counts.GetProperty("sessions").GetInt32(), counts.GetProperty("renewed").GetInt32()));
        await Eventually.TrueAsync(async () => (await platform.VerifyAsync(_application, access, Cancellation)).Status == HttpStatusCode.OK, Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.TryRefreshAsync(_application, firstRefresh, Cancellation)).Status);
        var refreshed = await platform.RefreshAsync(_application, refresh, Cancellation);

        var late = OldToken("refresh", 86_400, age: 30);
        Assert.Equal((0, 0, 0, 2), await ImportAsync([.. WriteFiles(OldToken("access", 600, age: 30), late, OldToken("refresh", -5)), "--apply"]));
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.TryRefreshAsync(_application, late, Cancellation)).Status);
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(_application, refreshed.Text("access_token"), Cancellation)).Status);
    }

    [Fact]
    public async Task Import_OfSessionsWhoseKeyHasExpired_PassesThemOverAndBringsTheRest()
    {
        var past = _kid + "-past";
        string[] files =
        [
            WriteClients(_application),
            Write("keys.csv", $"client_id,kid,private_key,expires_at\n{_application.ClientId},{_kid},\"{Pem}\",\n{_application.ClientId},{past},\"{Pem}\",2024-02-01 00:00:00\n"),
            Write("tokens.json", JsonSerializer.Serialize(new[]
            {
                Row("old user", OldToken("access", 600), OldToken("refresh", 86_400)),
                Row("somebody", OldToken("access", -5, kid: past), OldToken("refresh", 86_400, kid: past)),
            })),
        ];

        Assert.Equal((1, 1, 1, 2), await ImportAsync([.. files, "--apply"]));
        var (_, _, warning) = await RunAsync(await platform.OperatorEnvironmentAsync(Cancellation), files);
        Assert.Contains("1 session(s) are passed over: the key of their refresh token is over.", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_OfASessionWhereSomebodyHasSignedInHere_CountsItAsPassedOver()
    {
        Assert.Equal((1, 1, 0, 0), await ImportAsync(WriteClients(_application), WriteKeys(), "--apply"));
        await Eventually.TrueAsync(
            async () => (await platform.SendSignedAsync(_application, "/auth/token", () => SignedRequests.TokenBody("old user", "phone", "2001:db8::1"), Cancellation)).Status == HttpStatusCode.OK,
            Cancellation);
        var tokens = Write("tokens.json", JsonSerializer.Serialize(new[] { Row("old user", OldToken("access", 600), OldToken("refresh", 86_400)) }));

        Assert.Equal((0, 0, 0, 1), await ImportAsync(tokens));
        Assert.Equal((0, 0, 0, 1), await ImportAsync(tokens, "--apply"));
    }

    [Fact]
    public async Task Import_ForAnApplicationThatKeepsLessOfAPlace_KeepsNoMoreAndASignInThereReplacesIt()
    {
        var here = await platform.CreateApplicationAsync(a => (a.IpHandling, a.DeviceHandling) = (IpHandlings.Truncate, DeviceHandlings.Ignore), Cancellation);
        var access = OldToken("access", 600);
        string[] files =
        [
            Write("keys.csv", $"client_id,kid,private_key\n{here.ClientId},{_kid},\"{Pem}\"\n"),
            Write("tokens.json", JsonSerializer.Serialize(new[]
            {
                Row("old user", OldToken("access", 600, age: 120), OldToken("refresh", 86_400, age: 120), here, "tablet", "203.0.113.8"),
                Row("old user", access, OldToken("refresh", 86_400), here, "phone", "203.0.113.7"),
            })),
        ];

        Assert.Equal((0, 1, 1, 1), await ImportAsync([.. files, "--apply"]));

        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var session = await database.Sessions.SingleAsync(s => database.Applications.Any(a => a.Id == s.ApplicationId && a.ClientId == here.ClientId), Cancellation);
        Assert.Equal(("", "203.0.113.0"), (session.Device, session.Ip));
        await Eventually.TrueAsync(async () => (await platform.VerifyAsync(here, access, Cancellation)).Status == HttpStatusCode.OK, Cancellation);
        await platform.SendSignedAsync(here, "/auth/token", () => SignedRequests.TokenBody("old user", "laptop", "203.0.113.9"), Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.VerifyAsync(here, access, Cancellation)).Status);
    }

    [Fact]
    public async Task Import_OfAPairWithoutTyp_NamesItsRowAndWritesNothing()
    {
        string[] files =
        [
            WriteClients(_application),
            WriteKeys(),
            Write("tokens.json", JsonSerializer.Serialize(new[]
            {
                Row("old user", OldToken("access", 600), OldToken("refresh", 86_400)),
                Row("somebody", OldToken("access", 600, headerType: ""), OldToken("refresh", 86_400, headerType: "")),
            })),
        ];

        var (exitCode, output, error) = await RunAsync(await platform.OperatorEnvironmentAsync(Cancellation), [.. files, "--apply"]);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains("tokens.json, tokens[1]: access_token must be an RS256 token with exactly alg, kid and typ in its header", error, StringComparison.Ordinal);
        Assert.DoesNotContain("tokens[0]", error, StringComparison.Ordinal);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Assert.False(await database.Applications.AnyAsync(a => a.ClientId == _application.ClientId, Cancellation));
    }

    private string[] WriteFiles(string access, string refresh, string expired) =>
    [
        Write("old.sql", $"CREATE TABLE `clients` (`id` int, `client_id` varchar(10), `client_secret` varchar(64));\nINSERT INTO `clients` VALUES (1,'{_application.ClientId}','{_application.Secret}');"),
        WriteKeys(),
        Write("tokens.json", JsonSerializer.Serialize(new[] { Row("old user", access, refresh), Row("somebody", access, expired) })),
    ];

    private string WriteClients(params TestApplication[] applications) =>
        Write("clients.csv", string.Concat(applications.Select(a => $"{a.ClientId},{a.Secret}\n").Prepend("client_id,client_secret\n")));

    private string WriteKeys() => Write("keys.csv", $"client_id,kid,private_key\n{_application.ClientId},{_kid},\"{_key.ExportRSAPrivateKeyPem()}\"\n");

    private object Row(string user, string access, string refresh, TestApplication? application = null, string device = "phone", string ip = "2001:DB8::1") =>
        new { client_id = (application ?? _application).ClientId, unique_key = user, device, ip, access_token = access, refresh_token = refresh };

    private string Write(string name, string text)
    {
        var path = Path.Combine(_directory.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static Task<(int ExitCode, string Output, string Error)> RunAsync(Dictionary<string, string> settings, params string[] arguments) =>
        OperatorCli.RunAsync(settings, Cancellation, ["import", .. arguments, "--json"]);

    private async Task<(int Applications, int Keys, int Sessions, int PassedOver)> ImportAsync(params string[] arguments) =>
        await ImportAsync(await platform.OperatorEnvironmentAsync(Cancellation), arguments);

    private static async Task<(int Applications, int Keys, int Sessions, int PassedOver)> ImportAsync(Dictionary<string, string> settings, string[] arguments)
    {
        var (exitCode, output, error) = await RunAsync(settings, arguments);
        Assert.True(exitCode == 0, error);
        var counts = JsonElement.Parse(output);
        return (counts.GetProperty("applications").GetInt32(), counts.GetProperty("keys").GetInt32(), counts.GetProperty("sessions").GetInt32(), counts.GetProperty("passed_over").GetInt32());
    }

    private string OldToken(string type, int seconds, int age = 60, string? kid = null, string headerType = ",\"typ\":\"JWT\"")
    {
        var now = SignedRequests.Now();
        var signed = $$"""{"alg":"RS256","kid":"{{kid ?? _kid}}"{{headerType}}}""".Encoded() + "."
            + $$"""{"sub":"{{_application.ClientId}}","unique_key":"old user","typ":"{{type}}","iat":{{now - age}},"exp":{{now + seconds}},"nonce":"{{SignedRequests.Nonce()}}"}""".Encoded();
        return signed + "." + Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }
}

file static class Segment
{
    public static string Encoded(this string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
