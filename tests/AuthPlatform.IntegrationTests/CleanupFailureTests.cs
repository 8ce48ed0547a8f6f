using System.Diagnostics.Metrics;
using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.TokenApi.Cleanup;
using AuthPlatform.TokenApi.Sessions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace AuthPlatform.IntegrationTests;

/// <summary>A table at which the clean-up takes longer than a statement may.</summary>
public sealed class CleanupFailureTests(AuthPlatformFixture platform)
{
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Cleanup_OfATableThatSomebodyHolds_NamesItAndGoesOnWithTheOthers()
    {
        var databases = new FreshDatabases(platform);
        await databases.MigratedAsync(Cancellation, ResourceNames.AuthDatabase);
        var login = await databases.ConnectionStringAsync(ResourceNames.AuthDatabase, Cancellation);
        await using var dataSource = NpgsqlDataSource.Create(login);
        await using var impatient = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(login) { CommandTimeout = 1 });
        await using (var fill = dataSource.CreateCommand("INSERT INTO replay_entries (key, endpoint, expires_at) VALUES (sha256('used'), 'test', now() - interval '1 hour')"))
        {
            await fill.ExecuteNonQueryAsync(Cancellation);
        }

        await using var holder = await dataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await holder.BeginTransactionAsync(Cancellation);
        await using (var hold = new NpgsqlCommand("LOCK TABLE revocations IN ACCESS EXCLUSIVE MODE", holder))
        {
            await hold.ExecuteNonQueryAsync(Cancellation);
        }

        using var logs = new LogCollector();
        using var loggers = new LoggerFactory([logs]);
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        using var worker = new CleanupWorker(
            impatient, new Leases(dataSource, _clock), new CleanupMetrics(meters), Options.Create(new CleanupOptions()), _clock, loggers.CreateLogger<CleanupWorker>());
        await worker.StartAsync(Cancellation);
        await UntilAsync(async () => await databases.ReadAsync(ResourceNames.AuthDatabase, "SELECT count(*)::text FROM replay_entries", Cancellation) == "0");

        // Once, whatever round it is by now.
        var line = Assert.Single(logs.Lines, said => said.Contains("revocations", StringComparison.Ordinal));
        Assert.Contains("Warning: Expired rows of revocations were not deleted: Timeout during reading attempt", line, StringComparison.Ordinal);
        Assert.False(HasFinishedARound(meters));

        await transaction.RollbackAsync(Cancellation);
        await UntilAsync(() => Task.FromResult(HasFinishedARound(meters)));
        await worker.StopAsync(Cancellation);
    }

    private Task UntilAsync(Func<Task<bool>> condition) => Eventually.TrueAsync(
        () =>
        {
            _clock.Advance(TimeSpan.FromSeconds(10));
            return condition();
        },
        Cancellation);

    private static bool HasFinishedARound(IMeterFactory meters)
    {
        var hasFinished = false;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Name == "authplatform.cleanup.last_round" && ReferenceEquals(instrument.Meter.Scope, meters))
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => hasFinished = true);
        listener.Start();
        listener.RecordObservableInstruments();
        return hasFinished;
    }
}
