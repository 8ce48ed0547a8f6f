using System.Diagnostics.Metrics;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Encryption;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.TokenApi.Requests;
using AuthPlatform.TokenApi.Tokens;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace AuthPlatform.IntegrationTests;

/// <summary>The applications as a Token API knows them: here within this process, over a database of its own and on a clock that the test sets.</summary>
public sealed class ApplicationSnapshotTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Somebody writes with a new encryption key before every service has it.</summary>
    [Fact]
    public async Task Find_OfAnApplicationWithASecretThatDoesNotOpen_KeepsTheValuesItKnowsAndNothingElse()
    {
        var databases = new FreshDatabases(platform);
        await databases.MigratedAsync(Cancellation, ResourceNames.AuthDatabase);
        var connectionString = await databases.ConnectionStringAsync(ResourceNames.AuthDatabase, Cancellation);
        await using var dataSource = NpgsqlDataSource.Create(connectionString);
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        using var logs = new LogCollector();
        using var loggers = new LoggerFactory([logs]);
        var reader = new ApplicationReader(dataSource, new EnvelopeCipher([FreshDatabases.EncryptionKey]), Options.Create(new TokenOptions()), clock);
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        using var old = new ApplicationSnapshots(reader, meters, clock, loggers.CreateLogger<ApplicationSnapshots>());
        using var started = new ApplicationSnapshots(reader, meters, clock, loggers.CreateLogger<ApplicationSnapshots>());
        var known = await old.FindAsync(FreshDatabases.ClientId, Cancellation);
        Assert.NotNull(known);
        Assert.Equal(0, DecryptFailures(meters));

        await using (var database = new AuthDbContext(new DbContextOptionsBuilder<AuthDbContext>().UseNpgsql(connectionString).Options))
        {
            var cipher = new EnvelopeCipher(["new-key-encryption-0123456789abcdef0123456789"]);
            var first = Assert.Single(known.Secrets);
            await database.Database.ExecuteSqlAsync(
                $"""
                UPDATE applications SET refresh_key_encrypted = {cipher.Encrypt(Data.Auth.Application.RefreshKeyField(known.Id), known.RefreshKey)} WHERE id = {known.Id};
                UPDATE application_secrets SET secret_encrypted = {cipher.Encrypt(Data.Auth.ApplicationSecret.SecretField(first.Id), first.Key)} WHERE id = {first.Id};
                """,
                Cancellation);
            database.ApplicationSecrets.Add(ApplicationRegistration.NewSecret(known.Id, 2, "second-0123456789abcdef0123456789abc", cipher, clock.GetUtcNow()));
            await database.SaveChangesAsync(Cancellation);
        }

        for (var minute = 0; minute < 3; minute++)
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            var found = await old.FindAsync(FreshDatabases.ClientId, Cancellation);
            Assert.NotNull(found);
            Assert.Same(known.RefreshKey, found.RefreshKey);
            Assert.Same(known.Secrets[0].Key, Assert.Single(found.Secrets).Key);
        }

        var line = Assert.Single(logs.Lines);
        Assert.Contains($"What is stored of application {FreshDatabases.ClientId} does not open", line, StringComparison.Ordinal);
        Assert.Contains("Add that key to the end of Encryption__Keys", line, StringComparison.Ordinal);
        // Said once, but counted with each reading: an alert lasts as long as the cause.
        Assert.Equal(3, DecryptFailures(meters));
        var refusal = await Assert.ThrowsAsync<BadHttpRequestException>(() => started.FindAsync(FreshDatabases.ClientId, Cancellation).AsTask());
        Assert.Equal(StatusCodes.Status503ServiceUnavailable, refusal.StatusCode);
        Assert.Equal(4, DecryptFailures(meters));

        await using (var change = dataSource.CreateCommand("UPDATE applications SET enabled = false; UPDATE application_secrets SET expires_at = now() - interval '1 minute' WHERE slot = 1"))
        {
            await change.ExecuteNonQueryAsync(Cancellation);
        }

        clock.Advance(TimeSpan.FromSeconds(16));
        var disabled = await old.FindAsync(FreshDatabases.ClientId, Cancellation);
        Assert.NotNull(disabled);
        Assert.False(disabled.Enabled);
        Assert.Empty(disabled.Secrets);

        // With no secret that opens, nobody is told that theirs is wrong; those who hold its tokens go on.
        await using (var change = dataSource.CreateCommand("UPDATE applications SET enabled = true"))
        {
            await change.ExecuteNonQueryAsync(Cancellation);
        }

        clock.Advance(TimeSpan.FromSeconds(16));
        var mute = await old.FindAsync(FreshDatabases.ClientId, Cancellation);
        var unknowable = Assert.Throws<BadHttpRequestException>(() => SecretMatch.FindPresented(mute, clock.GetUtcNow(), "second-0123456789abcdef0123456789abc"u8));
        Assert.Equal(StatusCodes.Status503ServiceUnavailable, unknowable.StatusCode);
        Assert.Throws<BadHttpRequestException>(() => SecretMatch.Find(mute, clock.GetUtcNow(), default, []));
    }

    [Fact]
    public async Task Find_OfManyKnownOnesWhileTheDatabaseHangs_GivesTheirLastKnownStateAndAsksNotAgainAtOnce()
    {
        var databases = new FreshDatabases(platform);
        await databases.MigratedAsync(Cancellation, ResourceNames.AuthDatabase);
        var connectionString = await databases.ConnectionStringAsync(ResourceNames.AuthDatabase, Cancellation);
        var (clock, cipher) = (new FakeTimeProvider(TimeProvider.System.GetUtcNow()), new EnvelopeCipher([FreshDatabases.EncryptionKey]));
        await using var database = new AuthDbContext(new DbContextOptionsBuilder<AuthDbContext>().UseNpgsql(connectionString).Options);
        var clientIds = Enumerable.Range(0, 20).Select(number => $"known-{number}").ToList();
        database.Applications.AddRange(clientIds.Select(id => ApplicationRegistration.NewApplication(id, "A test's own", cipher, clock.GetUtcNow())));
        await database.SaveChangesAsync(Cancellation);
        await using var dataSource = NpgsqlDataSource.Create(connectionString);
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var snapshots = new ApplicationSnapshots(
            new ApplicationReader(dataSource, cipher, Options.Create(new TokenOptions()), clock), services.GetRequiredService<IMeterFactory>(), clock, NullLogger<ApplicationSnapshots>.Instance);
        foreach (var id in clientIds)
        {
            Assert.NotNull(await snapshots.FindAsync(id, Cancellation));
        }

        await using var transaction = await database.Database.BeginTransactionAsync(Cancellation);
        await database.Database.ExecuteSqlAsync($"LOCK TABLE applications IN ACCESS EXCLUSIVE MODE", Cancellation);
        clock.Advance(TimeSpan.FromSeconds(16));
        var finding = clientIds.Select(id => snapshots.FindAsync(id, Cancellation).AsTask()).ToList();
        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.All(await Task.WhenAll(finding).WaitAsync(Eventually.Patience, TimeProvider.System, Cancellation), Assert.NotNull);
        // Whoever asked the database would have to wait.
        Assert.All(clientIds, id => Assert.True(snapshots.FindAsync(id, Cancellation).AsTask().IsCompletedSuccessfully));
        await transaction.RollbackAsync(Cancellation);
    }

    /// <summary>Whoever invents a name may send as many requests with it as they like.</summary>
    [Fact]
    public async Task Find_OfOneThatIsMissing_AsksTheDatabaseOnceInTenSeconds()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var dataSource = NpgsqlDataSource.Create((await platform.App.GetConnectionStringAsync(ResourceNames.AuthDatabase, Cancellation))!);
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var reader = new ApplicationReader(dataSource, new EnvelopeCipher([FreshDatabases.EncryptionKey]), Options.Create(new TokenOptions()), clock);
        using var snapshots = new ApplicationSnapshots(reader, services.GetRequiredService<IMeterFactory>(), clock, NullLogger<ApplicationSnapshots>.Instance);
        var missing = "missing-" + SignedRequests.Nonce();
        Assert.Null(await snapshots.FindAsync(missing, Cancellation));
        // Whoever asks the database from here on meets an exception.
        await dataSource.DisposeAsync();

        clock.Advance(TimeSpan.FromSeconds(9));
        Assert.Null(await snapshots.FindAsync(missing, Cancellation));

        clock.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => snapshots.FindAsync(missing, Cancellation).AsTask());
    }

    /// <summary>Of all that count there.</summary>
    private static long DecryptFailures(IMeterFactory meters)
    {
        var failures = 0L;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Name == "authplatform.applications.decrypt.failures" && ReferenceEquals(instrument.Meter.Scope, meters))
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => failures += value);
        listener.Start();
        listener.RecordObservableInstruments();
        return failures;
    }
}
