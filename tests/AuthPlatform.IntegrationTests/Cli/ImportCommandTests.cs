using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
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

    private string[] WriteFiles(string access, string refresh, string expired)
    {
        var pem = _key.ExportRSAPrivateKeyPem();
        return
        [
            Write("old.sql", $"CREATE TABLE `clients` (`id` int, `client_id` varchar(10), `client_secret` varchar(64));\nINSERT INTO `clients` VALUES (1,'{_application.ClientId}','{_application.Secret}');"),
            Write("keys.csv", $"client_id,kid,private_key\n{_application.ClientId},{_kid},\"{pem}\"\n"),
            Write("tokens.json", JsonSerializer.Serialize(new[] { Row("old user", refresh), Row("somebody", expired) })),
        ];

        object Row(string user, string refreshToken) => new { client_id = _application.ClientId, unique_key = user, device = "phone", ip = "2001:DB8::1", access_token = access, refresh_token = refreshToken };
    }

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

    private string OldToken(string type, int seconds)
    {
        var now = SignedRequests.Now();
        var signed = $$"""{"alg":"RS256","kid":"{{_kid}}","typ":"JWT"}""".Encoded() + "."
            + $$"""{"sub":"{{_application.ClientId}}","unique_key":"old user","typ":"{{type}}","iat":{{now - 60}},"exp":{{now + seconds}},"nonce":"{{SignedRequests.Nonce()}}"}""".Encoded();
        return signed + "." + Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }
}

file static class Segment
{
    public static string Encoded(this string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
