using System.Diagnostics.Metrics;
using System.Text.Json;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Encryption;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.KeyManager.Keys;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace AuthPlatform.IntegrationTests;

/// <summary>The keys as a Key Manager has them in memory: here within this process, on a clock that the test sets.</summary>
public sealed class KeyRingTests(AuthPlatformFixture platform)
{
    /// <summary>An application like any other, and one whose active key somebody has damaged.</summary>
    private const string Sound = "sound", Damaged = KeyManagerParts.Damaged;

    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A replica that is cut off from the database does not know what was revoked or rotated meanwhile; how long a retired key is kept counts on this.</summary>
    [Fact]
    public async Task Sign_WithKeysThatNobodyHasConfirmedForFiveMinutes_IsRefusedUntilSomebodyDoes()
    {
        await using var keyManager = await StartAsync(Sound);
        var ring = keyManager.GetRequiredService<KeyRing>();

        _clock.Advance(TimeSpan.FromSeconds(299));
        Assert.Equal([StatusCodes.Status200OK], await SignAsync(keyManager, Sound));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([StatusCodes.Status503ServiceUnavailable], await SignAsync(keyManager, Sound));

        Assert.True(await ring.LookAsync(Cancellation));
        Assert.Equal([StatusCodes.Status200OK], await SignAsync(keyManager, Sound));
    }

    [Fact]
    public async Task Sign_WithAnActiveKeyThatDoesNotOpen_IsRefusedForItsApplicationAloneAndCounted()
    {
        await using var keyManager = await StartAsync(Damaged, Sound);

        Assert.Equal([StatusCodes.Status503ServiceUnavailable, StatusCodes.Status200OK], await SignAsync(keyManager, Damaged, Sound));
        Assert.Equal(1, DecryptFailures(keyManager));
        // Not ready, it would take the others' tokens away as well.
        Assert.Equal(HealthStatus.Healthy, await HealthAsync(keyManager));
    }

    [Fact]
    public async Task Health_WithoutAnActiveKeyThatOpens_IsUnhealthyUntilThereIsNoApplication()
    {
        await using var keyManager = await StartAsync(Damaged);
        Assert.Equal(HealthStatus.Unhealthy, await HealthAsync(keyManager));

        await using (var delete = keyManager.GetRequiredService<NpgsqlDataSource>().CreateCommand("DELETE FROM key_applications"))
        {
            await delete.ExecuteNonQueryAsync(Cancellation);
        }

        Assert.True(await keyManager.GetRequiredService<KeyRing>().ReloadAsync(Cancellation));
        Assert.Equal(HealthStatus.Healthy, await HealthAsync(keyManager));
    }

    /// <summary>The clock of this Key Manager is decades behind that of the database.</summary>
    [Fact]
    public async Task Rotate_OnRequestWhileTheClocksDisagree_IsRefused()
    {
        await using var keyManager = await StartAsync(Sound);
        var request = new KeyRotationRequest(null, "request", OnlyIfRepeated: false);
        var context = new DefaultHttpContext();
        context.Request.Body = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(request, KeyContractsJson.Default.KeyRotationRequest));

        var problem = await keyManager.GetRequiredService<RotateKey>().HandleAsync(context, Sound);

        Assert.Equal(StatusCodes.Status503ServiceUnavailable, problem?.Status);
    }

    /// <summary>By the clock of the test: the database says nothing from beginning to end, its one connection being taken.</summary>
    [Fact]
    public async Task Sign_WithAnUnknownApplicationWhileTheDatabaseHangs_RefusesThatOneAndSignsTheOthers()
    {
        string[] clientIds = ["unknown", Sound];
        int[] expected = [StatusCodes.Status503ServiceUnavailable, StatusCodes.Status200OK];
        await using var keyManager = await StartAsync(Sound);
        await using var taken = await keyManager.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(Cancellation);
        _clock.Advance(TimeSpan.FromSeconds(1));

        // The first one looks, the second one would have to wait for that.
        for (var i = 0; i < 2; i++)
        {
            var signing = SignAsync(keyManager, clientIds);
            _clock.Advance(TimeSpan.FromMilliseconds(250));
            Assert.Equal(expected, await signing.WaitAsync(Eventually.Patience, Cancellation));
        }

        // When the look has failed, nobody begins another one at once.
        _clock.Advance(KeyStore.ReadLimit);
        Assert.Equal(expected, await SignAsync(keyManager, clientIds).WaitAsync(Eventually.Patience, Cancellation));
    }

    [Fact]
    public async Task Sign_WithAnApplicationThatWasAddedElsewhere_SignsAtOnce()
    {
        await using var keyManager = await StartAsync(Sound);
        await using (var database = keyManager.OpenKeysDatabase())
        {
            await database.AddApplicationAsync("added", keyManager.GetRequiredService<EnvelopeCipher>(), _clock.GetUtcNow(), Cancellation);
        }

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([StatusCodes.Status200OK, StatusCodes.Status200OK], await SignAsync(keyManager, "added", Sound));
    }

    /// <summary>The ring has all names there are, so whatever strangers ask for is answered from memory.</summary>
    [Fact]
    public async Task Find_OfAThousandUnknownApplications_AsksTheDatabaseOnceASecond()
    {
        await using var keyManager = await StartAsync(Sound);
        var ring = keyManager.GetRequiredService<KeyRing>();
        // Whoever asks the database from here on meets an exception.
        await keyManager.GetRequiredService<NpgsqlDataSource>().DisposeAsync();

        for (var i = 0; i < 1000; i++)
        {
            var (keys, isUnavailable) = await ring.FindAsync($"unknown-{i}", Cancellation);
            Assert.True(keys is null && !isUnavailable);
        }

        _clock.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ring.FindAsync("unknown", Cancellation).AsTask());
    }

    /// <summary>For each application the status of a signature.</summary>
    private static async Task<IEnumerable<int>> SignAsync(ServiceProvider keyManager, params string[] clientIds)
    {
        var body = SigningFrames.Write([.. clientIds.Select(clientId => new SigningRequest(clientId, KeyManagerContract.AccessTokenType, "{}"u8.ToArray()))]);
        using var answer = new MemoryStream();
        var context = new DefaultHttpContext();
        (context.Request.Body, context.Request.ContentLength, context.Response.Body) = (new MemoryStream(body.ToArray()), body.Length, answer);
        await keyManager.GetRequiredService<SignPayloads>().HandleAsync(context);
        return context.Response.StatusCode == StatusCodes.Status200OK
            ? SigningFrames.ReadAnswer(answer.ToArray(), clientIds.Length)!.Select(line => line.Status)
            : clientIds.Select(_ => context.Response.StatusCode);
    }

    private static async Task<HealthStatus> HealthAsync(ServiceProvider keyManager) =>
        (await new KeysHealthCheck(keyManager.GetRequiredService<KeyRing>()).CheckHealthAsync(new HealthCheckContext(), Cancellation)).Status;

    private static long DecryptFailures(ServiceProvider keyManager)
    {
        var (meters, failures) = (keyManager.GetRequiredService<IMeterFactory>(), 0L);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Name == "authplatform.keys.decrypt.failures" && ReferenceEquals(instrument.Meter.Scope, meters))
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => failures = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return failures;
    }

    private Task<ServiceProvider> StartAsync(params string[] clientIds) => platform.BuildKeyManagerAsync(_clock, Cancellation, clientIds);
}
