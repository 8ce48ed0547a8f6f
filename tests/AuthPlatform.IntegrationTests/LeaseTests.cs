using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.TokenApi.Sessions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using StackExchange.Redis;

namespace AuthPlatform.IntegrationTests;

/// <summary>Leases of a replica that is gone: some of them from a time when the clock of the database was ahead.</summary>
public sealed class LeaseTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Take_WhatAnotherHolds_SucceedsWhenItIsOverOrLastsLongerThanAnybodyMayHold()
    {
        await using var dataSource = await OpenAsync();
        var leases = new Leases(dataSource, TimeProvider.System);
        // For a quarter of an hour a migration holds the clean-up up.
        foreach (var (minutes, isFree) in new[] { (-1, true), (15, false), (120, true) })
        {
            var name = $"{minutes} minutes";
            await LeaveAsync(dataSource, name, TimeSpan.FromMinutes(minutes));

            Assert.Equal(isFree, await leases.TakeAsync(name, TimeSpan.FromSeconds(30), Cancellation) is not null);
        }
    }

    [Fact]
    public async Task Announce_WithoutRedisAndALeaseForHours_WaitsAsLongAsALeaseLasts()
    {
        await using var dataSource = await OpenAsync();
        await LeaveAsync(dataSource, RevocationAnnouncer.LeaseName, TimeSpan.FromHours(2));
        await using var redis = await ConnectionMultiplexer.ConnectAsync(
            new ConfigurationOptions { EndPoints = { "127.0.0.1:1" }, AbortOnConnectFail = false, BacklogPolicy = BacklogPolicy.FailFast, ConnectTimeout = 1000 });
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        using var logs = new LogCollector();
        using var loggers = new LoggerFactory([logs]);
        var announcer = new RevocationAnnouncer(redis, dataSource, clock, loggers.CreateLogger<RevocationAnnouncer>());
        var now = clock.GetUtcNow();

        var announcing = announcer.AnnounceAsync([new RevokedTokens(Guid.CreateVersion7(now), null, now, now.AddHours(1))], Cancellation).AsTask();

        await Eventually.TrueAsync(() => Task.FromResult(logs.Lines.Count > 0), Cancellation);
        Assert.Contains("Waiting 5.0 s", Assert.Single(logs.Lines), StringComparison.Ordinal);
        await Eventually.TrueAsync(
            () =>
            {
                clock.Advance(RevocationAnnouncer.LeaseDuration);
                return Task.FromResult(announcing.IsCompleted);
            },
            Cancellation);
        await announcing;
    }

    private async Task<NpgsqlDataSource> OpenAsync()
    {
        var databases = new FreshDatabases(platform);
        await databases.MigratedAsync(Cancellation, ResourceNames.AuthDatabase);
        return NpgsqlDataSource.Create(await databases.ConnectionStringAsync(ResourceNames.AuthDatabase, Cancellation));
    }

    private static async Task LeaveAsync(NpgsqlDataSource dataSource, string name, TimeSpan remaining)
    {
        await using var command = dataSource.CreateCommand("INSERT INTO leases (name, holder, until) VALUES ($1, gen_random_uuid(), clock_timestamp() + $2)");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = remaining });
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
