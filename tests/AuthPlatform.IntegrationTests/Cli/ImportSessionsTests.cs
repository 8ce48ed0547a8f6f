using System.Net;
using System.Text.Json;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace AuthPlatform.IntegrationTests.Cli;

/// <summary>An older deployment moves in, and its users notice nothing.</summary>
public sealed class ImportSessionsTests(AuthPlatformFixture platform) : IDisposable
{
    private readonly OldDeployment _old = new(platform);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _old.Dispose();

    [Fact]
    public async Task Import_OfAnOldDeployment_KeepsItsTokensAlive()
    {
        var (access, refresh) = (_old.Token("access", 600), _old.Token("refresh", 86_400));
        var files = _old.WriteFiles(access, refresh, _old.Token("refresh", -5));
        var tokens = files[^1];

        var dryRun = await _old.ImportAsync(files);
        Assert.Equal((1, 1, 1, 1), dryRun);
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.VerifyAsync(_old.Application, access, Cancellation)).Status);

        Assert.Equal(dryRun, await _old.ImportAsync([.. files, "--apply"]));
        Assert.Equal((0, 0, 0, 1), await _old.ImportAsync(tokens));

        await Eventually.TrueAsync(async () => (await platform.VerifyAsync(_old.Application, access, Cancellation)).Status == HttpStatusCode.OK, Cancellation);
        var verified = (await platform.VerifyAsync(_old.Application, access, Cancellation)).Body;
        Assert.Equal((_old.Kid, "old user"), (verified.Text("kid"), verified.GetProperty("payload").Text("unique_key")));
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.VerifyAsync(_old.Application, refresh, Cancellation)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.VerifyAsync(platform.Bootstrap, access, Cancellation)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.VerifyAsync(_old.Application, _old.Token("access", 600), Cancellation)).Status);

        var refreshed = await platform.RefreshAsync(_old.Application, refresh, Cancellation);
        // Its answer was lost: the same again.
        Assert.Equal(refreshed.Text("refresh_token"), (await platform.RefreshAsync(_old.Application, refresh, Cancellation)).Text("refresh_token"));
        Assert.Equal(_old.Kid, refreshed.Text("kid"));
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(_old.Application, refreshed.Text("access_token"), Cancellation)).Status);
        await platform.SendSignedAsync(_old.Application, "/auth/revoke", () => SignedRequests.VerifyBody(refreshed.Text("access_token")), Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.VerifyAsync(_old.Application, access, Cancellation)).Status);

        // What ended here stays ended.
        Assert.Equal((0, 0, 0, 1), await _old.ImportAsync(tokens, "--apply"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.TryRefreshAsync(_old.Application, refresh, Cancellation)).Status);
    }

    /// <summary>What the import has written down of a token counts; what it says of its end itself is not looked at.</summary>
    [Fact]
    public async Task Import_OfAnAccessTokenWhoseTimeIsOver_RefusesItAsExpired()
    {
        var (over, live) = (_old.Token("access", 600), _old.Token("access", 600));
        string[] files =
        [
            _old.WriteClients(_old.Application),
            _old.WriteKeys(),
            _old.Write("tokens.json", JsonSerializer.Serialize(new[]
            {
                _old.Row("old user", over, _old.Token("refresh", 86_400)),
                _old.Row("old user", live, _old.Token("refresh", 86_400), device: "tablet"),
            })),
        ];
        Assert.Equal((1, 1, 2, 0), await _old.ImportAsync([.. files, "--apply"]));
        foreach (var replica in platform.TokenApis)
        {
            await Eventually.TrueAsync(
                async () => (await AuthPlatformFixture.SendAsync(replica, SignedRequests.V2(_old.Application, "/auth/verify", SignedRequests.VerifyBody(live)), Cancellation)).Status == HttpStatusCode.OK,
                Cancellation);
        }

        var hash = ImportedToken.HashOf(over);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        // More than clocks may differ by, and less than the time after which the clean-up takes the row away.
        Assert.Equal(1, await database.Database.ExecuteSqlAsync($"UPDATE imported_tokens SET expires_at = now() - interval '1 minute' WHERE token_hash = {hash}", Cancellation));
        var (status, problem) = await platform.VerifyAsync(_old.Application, over, Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.Equal("token_expired", problem.Text("code"));
    }

    [Fact]
    public async Task Import_EndedBetweenKeysAndSessions_IsCompletedByDoingItAgain()
    {
        var settings = await new FreshDatabases(platform).MigratedAsync(Cancellation);
        string[] arguments = [.. _old.WriteFiles(_old.Token("access", 600), _old.Token("refresh", 86_400), _old.Token("refresh", -5)), "--apply"];
        await using (var connection = new NpgsqlConnection(settings["ConnectionStrings__authdb"]))
        {
            await connection.OpenAsync(Cancellation);
            await using var transaction = await connection.BeginTransactionAsync(Cancellation);
            await using var nobodyWrites = new NpgsqlCommand("LOCK TABLE sessions IN SHARE MODE", connection);
            await nobodyWrites.ExecuteNonQueryAsync(Cancellation);
            var impatient = new NpgsqlConnectionStringBuilder(settings["ConnectionStrings__authdb"]) { Options = "-c lock_timeout=200" }.ConnectionString;
            var (exitCode, _, error) = await OldDeployment.RunAsync(new(settings) { ["ConnectionStrings__authdb"] = impatient }, arguments);
            Assert.Equal(1, exitCode);
            Assert.Contains("The database refused it", error, StringComparison.Ordinal);
        }

        Assert.Equal((1, 0, 1, 1), await OldDeployment.ImportAsync(settings, arguments));
        Assert.Equal((0, 0, 0, 1), await OldDeployment.ImportAsync(settings, arguments));
    }

    /// <summary>A move without a gap: the older service goes on between the two.</summary>
    [Fact]
    public async Task Import_OfASessionThatWasRefreshedInTheOldServiceMeanwhile_RenewsItUntilItIsUsedHere()
    {
        var (firstAccess, firstRefresh) = (_old.Token("access", 500, age: 120), _old.Token("refresh", 86_000, age: 120));
        Assert.Equal((1, 1, 1, 1), await _old.ImportAsync([.. _old.WriteFiles(firstAccess, firstRefresh, _old.Token("refresh", -5)), "--apply"]));
        var (access, refresh) = (_old.Token("access", 600, age: 60), _old.Token("refresh", 86_400, age: 60));

        var (exitCode, output, error) = await _old.RunAsync(_old.WriteTokens(access, refresh, _old.Token("refresh", -5)), "--apply");

        Assert.True(exitCode == 0, error);
        var counts = JsonElement.Parse(output);
        Assert.Equal((0, 1), (counts.GetProperty("sessions").GetInt32(), counts.GetProperty("renewed").GetInt32()));
        await Eventually.TrueAsync(async () => (await platform.VerifyAsync(_old.Application, access, Cancellation)).Status == HttpStatusCode.OK, Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.TryRefreshAsync(_old.Application, firstRefresh, Cancellation)).Status);
        var refreshed = await platform.RefreshAsync(_old.Application, refresh, Cancellation);

        var late = _old.Token("refresh", 86_400, age: 30);
        Assert.Equal((0, 0, 0, 2), await _old.ImportAsync(_old.WriteTokens(_old.Token("access", 600, age: 30), late, _old.Token("refresh", -5)), "--apply"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.TryRefreshAsync(_old.Application, late, Cancellation)).Status);
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(_old.Application, refreshed.Text("access_token"), Cancellation)).Status);
    }

    [Fact]
    public async Task Import_OfSessionsWhoseKeyHasExpired_PassesThemOverAndBringsTheRest()
    {
        var past = _old.Kid + "-past";
        string[] files =
        [
            _old.WriteClients(_old.Application),
            _old.Write("keys.csv", $"client_id,kid,private_key,expires_at\n{_old.Application.ClientId},{_old.Kid},\"{_old.PemInOneLine}\",\n{_old.Application.ClientId},{past},\"{_old.PemInOneLine}\",2024-02-01 00:00:00\n"),
            _old.Write("tokens.json", JsonSerializer.Serialize(new[]
            {
                _old.Row("old user", _old.Token("access", 600), _old.Token("refresh", 86_400)),
                _old.Row("old user", _old.Token("access", -5, kid: past), _old.Token("refresh", 86_400, kid: past), device: "tablet"),
            })),
        ];

        Assert.Equal((1, 1, 1, 2), await _old.ImportAsync([.. files, "--apply"]));
        var (_, _, warning) = await _old.RunAsync(files);
        Assert.Contains("1 session(s) are passed over: the key of their refresh token is over.", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_OfASessionWhereSomebodyHasSignedInHere_CountsItAsPassedOver()
    {
        Assert.Equal((1, 1, 0, 0), await _old.ImportAsync(_old.WriteClients(_old.Application), _old.WriteKeys(), "--apply"));
        await Eventually.TrueAsync(
            async () => (await platform.SendSignedAsync(_old.Application, "/auth/token", () => SignedRequests.TokenBody("old user", "phone", "2001:db8::1"), Cancellation)).Status == HttpStatusCode.OK,
            Cancellation);
        var tokens = _old.Write("tokens.json", JsonSerializer.Serialize(new[] { _old.Row("old user", _old.Token("access", 600), _old.Token("refresh", 86_400)) }));

        Assert.Equal((0, 0, 0, 1), await _old.ImportAsync(tokens));
        Assert.Equal((0, 0, 0, 1), await _old.ImportAsync(tokens, "--apply"));
    }

    [Fact]
    public async Task Import_ForAnApplicationThatKeepsLessOfAPlace_KeepsNoMoreAndASignInThereReplacesIt()
    {
        var here = await platform.CreateApplicationAsync(a => (a.IpHandling, a.DeviceHandling) = (IpHandlings.Truncate, DeviceHandlings.Ignore), Cancellation);
        var access = _old.Token("access", 600);
        string[] files =
        [
            _old.Write("keys.csv", $"client_id,kid,private_key\n{here.ClientId},{_old.Kid},\"{_old.PemInOneLine}\"\n"),
            _old.Write("tokens.json", JsonSerializer.Serialize(new[]
            {
                _old.Row("old user", _old.Token("access", 600, age: 120), _old.Token("refresh", 86_400, age: 120), here, "tablet", "203.0.113.8"),
                _old.Row("old user", access, _old.Token("refresh", 86_400), here, "phone", "203.0.113.7"),
            })),
        ];

        Assert.Equal((0, 1, 1, 1), await _old.ImportAsync([.. files, "--apply"]));

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
            _old.WriteClients(_old.Application),
            _old.WriteKeys(),
            _old.Write("tokens.json", JsonSerializer.Serialize(new[]
            {
                _old.Row("old user", _old.Token("access", 600), _old.Token("refresh", 86_400)),
                _old.Row("somebody", _old.Token("access", 600, headerType: ""), _old.Token("refresh", 86_400, headerType: "")),
            })),
        ];

        var (exitCode, output, error) = await _old.RunAsync([.. files, "--apply"]);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains("tokens.json, tokens[1]: access_token must be an RS256 token with exactly alg, kid and typ in its header", error, StringComparison.Ordinal);
        Assert.DoesNotContain("tokens[0]", error, StringComparison.Ordinal);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        Assert.False(await database.Applications.AnyAsync(a => a.ClientId == _old.Application.ClientId, Cancellation));
    }
}
