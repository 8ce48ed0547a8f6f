using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace AuthPlatform.IntegrationTests.Cli;

public sealed class DoctorTests(AuthPlatformFixture platform)
{
    private const string NewEncryptionKey = "newer-0123456789abcdef0123456789abcdef";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>An installation from its first minute: each step makes one more line right.</summary>
    [Fact]
    public async Task Doctor_WhileAnInstallationIsBuilt_NamesWhatIsMissingUntilNothingIs()
    {
        var databases = new FreshDatabases(platform);
        var settings = await databases.EnvironmentAsync(Cancellation);

        var first = await ExamineAsync(1, new(settings) { ["ConnectionStrings__redis"] = $"localhost:6379,pasword={NewEncryptionKey}" });
        AssertLine(first, "authdb", "fail", "does not exist");
        AssertLine(first, "redis", "fail", "ConnectionStrings__redis cannot be read");
        Assert.DoesNotContain(NewEncryptionKey, first.GetRawText(), StringComparison.Ordinal);

        await databases.MigratedAsync(Cancellation);
        var migrated = await ExamineAsync(1, settings);
        AssertLine(migrated, "authdb schema", "ok", "none missing");
        AssertLine(migrated, "keysdb clock", "ok", "from the clock of this machine");
        AssertLine(migrated, "signing keys", "fail", FreshDatabases.ClientId);
        AssertLine(migrated, "redis", "warn", "no connection string");

        using (await RunningService.StartAsync("AuthPlatform.KeyManager", settings, Cancellation))
        {
            settings["ConnectionStrings__redis"] = (await platform.App.GetConnectionStringAsync(ResourceNames.Redis, Cancellation))!;
            var complete = await ExamineAsync(0, settings);
            Assert.All(complete.EnumerateArray(), check => Assert.Equal("ok", check.Text("status")));
            AssertLine(complete, "signing keys", "ok", "one active and one next key");
            AssertLine(complete, "key settings", "ok", "keys of 2048 bits, retained for 14d");
            AssertLine(await ExamineAsync(0, new(settings) { ["Keys__KeySize"] = "3072" }), "key settings", "warn", $"{FreshDatabases.ClientId} (2048 bits)");
            AssertLine(await ExamineAsync(1, new(settings) { ["Keys__KeySize"] = "1024" }), "key settings", "fail", "Key size 1024 bits");
        }

        var moved = new Dictionary<string, string>(settings) { ["Encryption__Keys__0"] = NewEncryptionKey };
        var locked = await ExamineAsync(1, moved);
        AssertLine(locked, "keysdb encryption", "fail", "do not open what is stored");
        Assert.DoesNotContain(NewEncryptionKey, locked.GetRawText(), StringComparison.Ordinal);

        moved["Encryption__Keys__1"] = FreshDatabases.EncryptionKey;
        AssertLine(await ExamineAsync(0, moved), "keysdb encryption", "warn", "2 value(s) are still stored with an older key");
        var (rekeyed, output, error) = await OperatorCli.RunAsync(moved, Cancellation, "keys", "rekey");
        Assert.True(rekeyed == 0 && output.Contains("Everything is encrypted with the key", StringComparison.Ordinal), output + error);
        moved.Remove("Encryption__Keys__1");
        AssertLine(await ExamineAsync(0, moved), "keysdb encryption", "ok", "newest key");
    }

    /// <summary>Whoever runs it has an outage: what is well must be told too.</summary>
    [Fact]
    public async Task Doctor_WhileADatabaseIsAway_NamesItAndChecksTheRest()
    {
        // Taken, so that nobody else gets it, but nobody listens.
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var nobody = (IPEndPoint)silent.LocalEndPoint!;
        var settings = await platform.OperatorEnvironmentAsync(Cancellation);
        settings["ConnectionStrings__keysdb"] = new NpgsqlConnectionStringBuilder(settings["ConnectionStrings__keysdb"]) { Host = "127.0.0.1", Port = nobody.Port }.ConnectionString;

        var checks = await ExamineAsync(1, settings);

        AssertLine(checks, "keysdb", "fail", $"Failed to connect to {nobody}");
        AssertLine(checks, "authdb schema", "ok", "none missing");
        AssertLine(checks, "redis", "ok", "answers in");
    }

    [Fact]
    public async Task Doctor_WithNothingSet_SaysWhatToSet()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "{}", Cancellation);
            var (exitCode, output, _) = await CliProcess.RunAsync(new() { ["AUTHPLATFORM_SETTINGS"] = "" }, Cancellation, "doctor", "--settings", file);
            Assert.Equal(1, exitCode);
            Assert.Matches("(?m)^fail  authdb +no connection string\n +-> Set ConnectionStrings__authdb", output);
            Assert.Contains("No encryption key is configured", output, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Keys_OfAnApplication_AreListedWithTheSessionsThatHangOnThem()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var kid = (await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation)).Text("kid");
        // Sessions of others are not read, whatever they say.
        var other = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var session = Guid.Parse((await platform.IssueAsync(other, SignedRequests.NewUser(), Cancellation)).Text("session_id"));
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await database.Sessions.Where(s => s.Id == session).ExecuteUpdateAsync(set => set.SetProperty(s => s.KeyId, kid), Cancellation);
        var (exitCode, output, error) = await OperatorCli.RunAsync(
            await platform.OperatorEnvironmentAsync(Cancellation), Cancellation, "keys", "list", application.ClientId, "--sessions", "--json");

        Assert.True(exitCode == 0, error);
        var keys = JsonElement.Parse(output).EnumerateArray().ToList();
        Assert.Equal(["next", "active"], keys.Select(key => key.Text("state")));
        Assert.Equal([0, 1], keys.Select(key => key.GetProperty("reach").GetProperty("live_sessions").GetInt32()));
        Assert.Equal(kid, keys[1].Text("kid"));
        Assert.InRange(keys[1].GetProperty("reach").GetProperty("last_token_ends_at").GetDateTimeOffset() - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(5));
    }

    private static async Task<JsonElement> ExamineAsync(int expected, Dictionary<string, string> settings)
    {
        var (exitCode, output, error) = await OperatorCli.RunAsync(settings, Cancellation, "doctor", "--json");
        Assert.True(exitCode == expected, output + error);
        return JsonElement.Parse(output).GetProperty("checks");
    }

    private static void AssertLine(JsonElement checks, string name, string status, string says)
    {
        var check = Assert.Single(checks.EnumerateArray(), c => c.Text("name") == name);
        Assert.Equal(status, check.Text("status"));
        Assert.Contains(says, check.Text("detail"), StringComparison.Ordinal);
        Assert.Equal(status != "ok", check.GetProperty("advice").ValueKind == JsonValueKind.String);
    }
}
