using System.Net;
using System.Text.Json;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.TokenApi.Audit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace AuthPlatform.IntegrationTests;

/// <summary>What happens is written down, once, and stays.</summary>
public sealed class AuditTests(AuthPlatformFixture platform)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Session_FromStartToEnd_LeavesItsWholeStory()
    {
        var application = await platform.CreateApplicationAsync(a => a.MaxSessionsPerUser = 2, Cancellation);
        var user = SignedRequests.NewUser();
        var evicted = await IssueAsync(application, user, "phone");
        var replaced = await IssueAsync(application, user, "tablet");
        var reused = await IssueAsync(application, user, "laptop");
        var revoked = await IssueAsync(application, user, "tablet");
        var second = await platform.RefreshAsync(application, reused.Text("refresh_token"), Cancellation);
        await platform.RefreshAsync(application, reused.Text("refresh_token"), Cancellation);
        await platform.RefreshAsync(application, second.Text("refresh_token"), Cancellation);
        await platform.TryRefreshAsync(application, reused.Text("refresh_token"), Cancellation);
        await platform.SendSignedAsync(application, "/auth/revoke", () => SignedRequests.VerifyBody(revoked.Text("access_token")), Cancellation);

        (string, string?, string)[] expected =
        [
            (AuditKinds.Issued, null, evicted.Text("session_id")), (AuditKinds.Issued, null, replaced.Text("session_id")),
            (AuditKinds.Evicted, null, evicted.Text("session_id")), (AuditKinds.Issued, null, reused.Text("session_id")),
            (AuditKinds.Replaced, null, replaced.Text("session_id")), (AuditKinds.Issued, null, revoked.Text("session_id")),
            (AuditKinds.Refreshed, null, reused.Text("session_id")), (AuditKinds.Refreshed, AuditKinds.Repeated, reused.Text("session_id")),
            (AuditKinds.Refreshed, null, reused.Text("session_id")), (AuditKinds.RefreshReuseDetected, null, reused.Text("session_id")),
            (AuditKinds.Revoked, null, revoked.Text("session_id")),
        ];
        var events = await EventuallyAsync(application, e => e.Kind != AuditKinds.Rejected, expected.Length);
        Assert.Equal(expected.Order(), events.Select(e => (e.Kind, e.Code, e.SessionId.ToString()!)).Order());
        Assert.All(events, e => Assert.Equal((application.ClientId, user, 1, null, null), (e.ClientId, e.UniqueKey, e.Count, e.Actor, e.Details)));
        Assert.All(events, e => Assert.True(IPAddress.IsLoopback(IPAddress.Parse(e.Address!))));
        var rejected = Assert.Single(await EventuallyAsync(application, e => e.Kind == AuditKinds.Rejected, 1));
        Assert.Equal(("refresh_token_reused", """{"endpoint": "refresh"}""", 1), (rejected.Code, rejected.Details, rejected.Count));
    }

    [Fact]
    public async Task Service_ThatIsStopped_HasWrittenAllItsEventsAndRefusalsAsFewRows()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var stranger = application with { Secret = "not-the-secret-0123456789abcdef0123456789" };
        using var service = await RunningService.StartAsync("AuthPlatform.TokenApi", await platform.TokenApiEnvironmentAsync(Cancellation), Cancellation);

        await Task.WhenAll(Enumerable.Range(0, 100).Select(async i =>
        {
            var path = i % 2 == 0 ? "/auth/verify" : "/auth/token";
            var (status, _) = await AuthPlatformFixture.SendFreshAsync(service.Http, () => SignedRequests.V2(stranger, path, SignedRequests.VerifyBody("x")), Cancellation);
            Assert.Equal(HttpStatusCode.Unauthorized, status);
        }));
        var (_, issued) = await AuthPlatformFixture.SendFreshAsync(
            service.Http, () => SignedRequests.V2(application, "/auth/token", SignedRequests.TokenBody(SignedRequests.NewUser())), Cancellation);
        await service.StopAsync(Cancellation);

        var events = await ReadAsync(application);
        Assert.Equal(Guid.Parse(issued.Text("session_id")), Assert.Single(events, e => e.Kind == AuditKinds.Issued).SessionId);
        var rejected = events.Where(e => e.Kind == AuditKinds.Rejected).ToList();
        Assert.All(rejected, e => Assert.Equal("invalid_signature", e.Code));
        Assert.InRange(rejected.Count, 2, 20);
        Assert.All(rejected.GroupBy(e => e.Details), g => Assert.Equal(50, g.Sum(e => e.Count)));
    }

    [Fact]
    public async Task Changes_ByTheCommandLine_AreWrittenWithBeforeAndAfterAndWithoutSecrets()
    {
        var created = await RunAsync("apps", "create", "--name", "Shop", "--json");
        var application = new TestApplication(created.Text("client_id"), created.Text("secret"));
        await RunAsync("apps", "set", application.ClientId, "--access-lifetime", "1h", "--json");
        var rotated = await RunAsync("apps", "rotate-secret", application.ClientId, "--expire-old-after", "0", "--json");
        await RunAsync("apps", "disable", application.ClientId, "--yes", "--json");

        var events = await ReadAsync(application);
        Assert.Equal(
            [AuditKinds.ApplicationChanged, AuditKinds.ApplicationChanged, AuditKinds.ApplicationCreated, AuditKinds.SecretAdded, AuditKinds.SecretAdded, AuditKinds.SecretExpiryChanged],
            events.Select(e => e.Kind).Order());
        Assert.All(events, e => Assert.StartsWith("cli:", e.Actor, StringComparison.Ordinal));
        var details = string.Join('\n', events.Select(e => e.Details));
        Assert.Contains("""{"access_lifetime_seconds": {"after": 3600, "before": 300}}""", details, StringComparison.Ordinal);
        Assert.Contains("""{"enabled": {"after": false, "before": true}}""", details, StringComparison.Ordinal);
        Assert.DoesNotContain(application.Secret, details, StringComparison.Ordinal);
        Assert.DoesNotContain(rotated.Text("secret"), details, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("UPDATE audit_events SET kind = 'nothing'")]
    [InlineData("DELETE FROM audit_events")]
    [InlineData("TRUNCATE audit_events")]
    public async Task Events_ChangedByHand_AreRefused(string sql)
    {
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var application = await database.Applications.SingleAsync(a => a.ClientId == platform.Bootstrap.ClientId, Cancellation);
        database.AuditEvents.Add(AuditTrail.Event(AuditKinds.KeyRotated, application, "test", TimeProvider.System.GetUtcNow()));
        await database.SaveChangesAsync(Cancellation);

        var refusal = await Assert.ThrowsAsync<PostgresException>(() => database.Database.ExecuteSqlRawAsync(sql, Cancellation));
        Assert.Equal("audit_events is append-only", refusal.MessageText);
    }

    [Fact]
    public async Task Partitions_AtTheStartOfAService_AreMadeAheadFilledFromTheDefaultAndDroppedAfterTheRetention()
    {
        var databases = new FreshDatabases(platform);
        var settings = await databases.MigratedAsync(Cancellation);
        settings["Audit__RetentionDays"] = "62";
        var (exitCode, log) = await MigrationWorkerParts.RunAsync(settings, Cancellation);
        Assert.True(exitCode == 0, log);
        var connectionString = await databases.ConnectionStringAsync(ResourceNames.AuthDatabase, Cancellation);
        await using var database = new AuthDbContext(new DbContextOptionsBuilder<AuthDbContext>().UseNpgsql(connectionString).Options);
        var now = TimeProvider.System.GetUtcNow();
        var old = now.AddMonths(-4);
        foreach (var time in new[] { now, now.AddMonths(-1), old })
        {
            database.AuditEvents.Add(new AuditEvent { OccurredAt = time, Id = Guid.CreateVersion7(time), Kind = "test" });
        }

        await database.SaveChangesAsync(Cancellation);
        var environment = await platform.TokenApiEnvironmentAsync(Cancellation);
        environment["ConnectionStrings__authdb"] = await databases.LoginAsync(ResourceNames.AuthDatabase, ResourceNames.TokenApi, 0, FreshDatabases.RolePassword, Cancellation);
        // Not the platform's: what it knows of revocations belongs to another database.
        environment["ConnectionStrings__redis"] = "127.0.0.1:1";
        environment["Encryption__Keys__0"] = FreshDatabases.EncryptionKey;

        using var service = await RunningService.StartAsync("AuthPlatform.TokenApi", environment, Cancellation);

        string[] expected = [Month(now.AddMonths(-1)), Month(now), Month(now.AddMonths(1)), Month(now.AddMonths(2)), "audit_events_default"];
        var deadline = TimeProvider.System.GetUtcNow() + Patience;
        List<string> partitions;
        while (!(partitions = await PartitionsAsync(database)).SequenceEqual(expected) && TimeProvider.System.GetUtcNow() < deadline)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
        }

        Assert.Equal(expected, partitions);
        Assert.False(await database.AuditEvents.AnyAsync(e => e.OccurredAt <= old, Cancellation));
        Assert.Equal(2, await database.AuditEvents.CountAsync(e => e.Kind == "test", Cancellation));
        Assert.Equal(0, await database.Database.SqlQueryRaw<int>("SELECT count(*)::int AS \"Value\" FROM audit_events_default").SingleAsync(Cancellation));
        // Still refused: the trigger stands on partitions that were made and attached since.
        await Assert.ThrowsAsync<PostgresException>(() => database.Database.ExecuteSqlAsync($"DELETE FROM audit_events", Cancellation));
    }

    /// <summary>A database that is a year ahead, seen by a service whose clock is right: all of the audit would have had its time.</summary>
    [Fact]
    public async Task Partitions_WhileTheClocksDisagree_Stay()
    {
        var databases = new FreshDatabases(platform);
        await databases.MigratedAsync(Cancellation, ResourceNames.AuthDatabase);
        await using var dataSource = NpgsqlDataSource.Create(await databases.ConnectionStringAsync(ResourceNames.AuthDatabase, Cancellation));
        await using (var make = dataSource.CreateCommand("CREATE TABLE audit_events_202001 PARTITION OF audit_events FOR VALUES FROM ('2020-01-01') TO ('2020-02-01')"))
        {
            await make.ExecuteNonQueryAsync(Cancellation);
        }

        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddYears(-1));
        using var logs = new LogCollector();
        using var loggers = new LoggerFactory([logs]);
        using var keeper = new AuditPartitionKeeper(
            new AuditPartitions(dataSource, clock, NullLogger<AuditPartitions>.Instance), clock, loggers.CreateLogger<AuditPartitionKeeper>());
        await keeper.StartAsync(Cancellation);
        await Eventually.TrueAsync(() => Task.FromResult(logs.Lines.Count > 0), Cancellation);
        await keeper.StopAsync(Cancellation);

        Assert.Contains("The clocks of this machine and of the database are too far apart", Assert.Single(logs.Lines), StringComparison.Ordinal);
        Assert.Equal("audit_events_202001", await databases.ReadAsync(ResourceNames.AuthDatabase, "SELECT to_regclass('audit_events_202001')::text", Cancellation));
    }

    private static string Month(DateTimeOffset time) => $"audit_events_{time.UtcDateTime:yyyyMM}";

    private static Task<List<string>> PartitionsAsync(AuthDbContext database) => database.Database
        .SqlQueryRaw<string>("SELECT c.relname::text AS \"Value\" FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'audit_events'::regclass ORDER BY c.relname COLLATE \"C\"")
        .ToListAsync(Cancellation);

    private async Task<JsonElement> IssueAsync(TestApplication application, string user, string device)
    {
        var (status, issued) = await platform.SendSignedAsync(application, "/auth/token", () => SignedRequests.TokenBody(user, device), Cancellation);
        Assert.Equal(HttpStatusCode.OK, status);
        return issued;
    }

    private async Task<JsonElement> RunAsync(params string[] arguments)
    {
        var (exitCode, output, error) = await OperatorCli.RunAsync(await platform.OperatorEnvironmentAsync(Cancellation), Cancellation, arguments);
        Assert.True(exitCode == 0, error);
        return JsonElement.Parse(output);
    }

    private async Task<List<AuditEvent>> EventuallyAsync(TestApplication application, Func<AuditEvent, bool> which, int count)
    {
        var deadline = TimeProvider.System.GetUtcNow() + Patience;
        List<AuditEvent> events;
        while ((events = [.. (await ReadAsync(application)).Where(which)]).Count < count && TimeProvider.System.GetUtcNow() < deadline)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
        }

        return events;
    }

    private async Task<List<AuditEvent>> ReadAsync(TestApplication application)
    {
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        return await database.AuditEvents.AsNoTracking().Where(e => e.ClientId == application.ClientId).OrderBy(e => e.OccurredAt).ThenBy(e => e.Id).ToListAsync(Cancellation);
    }
}
