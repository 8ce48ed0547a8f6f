using System.Text.Json;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace AuthPlatform.IntegrationTests.Cli;

/// <summary>An operator whose machine is ten minutes ahead: a secret that has leaked must not be good for so much longer.</summary>
public sealed class OperatorClockTests(AuthPlatformFixture platform)
{
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow().AddMinutes(10));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ExpireSecret_AtOnce_IsNowByTheClockOfTheDatabase()
    {
        var application = await TwoSecretsAsync(ends: null);

        var secrets = await RunAsync("apps", "expire-secret", application.ClientId, "--slot", "1", "--yes");

        Assert.Equal([false, true], secrets.EnumerateArray().Select(secret => secret.GetProperty("live").GetBoolean()));
        Assert.Equal([true, false], await AreOverAsync(application));
    }

    [Fact]
    public async Task RotateSecret_ThatEndsTheOldOneAtOnce_EndsItNowByTheClockOfTheDatabase()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);

        await RunAsync("apps", "rotate-secret", application.ClientId, "--expire-old-after", "0");

        Assert.Equal([true, false], await AreOverAsync(application));
    }

    /// <summary>Clients still sign with it.</summary>
    [Fact]
    public async Task RotateSecret_WhileASecretLivesForFiveMoreMinutes_DoesNotThrowThatAway()
    {
        var application = await TwoSecretsAsync(ends: TimeSpan.FromMinutes(5));

        var (exitCode, _, error) = await OperatorCli.RunAsync(await platform.OperatorEnvironmentAsync(Cancellation), _clock, Cancellation, "apps", "rotate-secret", application.ClientId);

        Assert.Equal(1, exitCode);
        Assert.Contains("there is room for two", error, StringComparison.Ordinal);
        Assert.Equal([false, false], await AreOverAsync(application));
        var shown = await RunAsync("apps", "show", application.ClientId);
        Assert.All(shown.GetProperty("secrets").EnumerateArray(), secret => Assert.True(secret.GetProperty("live").GetBoolean()));
        var listed = (await RunAsync("apps", "list")).EnumerateArray().Single(a => a.Text("client_id") == application.ClientId);
        Assert.Equal(2, listed.GetProperty("live_secrets").GetInt32());
    }

    private async Task<TestApplication> TwoSecretsAsync(TimeSpan? ends)
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        await platform.AddSecretAsync(application, Cancellation);
        if (ends is { } time)
        {
            await platform.ChangeApplicationAsync(application, a => a.Secrets.Single(s => s.Slot == 2).ExpiresAt = TimeProvider.System.GetUtcNow() + time, Cancellation);
        }

        return application;
    }

    /// <summary>Of each secret, in the order of their slots.</summary>
    private async Task<List<bool>> AreOverAsync(TestApplication application)
    {
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        return await database.Database
            .SqlQuery<bool>(
                $"""
                SELECT coalesce(s.expires_at <= clock_timestamp(), false) AS "Value"
                FROM application_secrets s JOIN applications a ON a.id = s.application_id WHERE a.client_id = {application.ClientId} ORDER BY s.slot
                """)
            .ToListAsync(Cancellation);
    }

    private async Task<JsonElement> RunAsync(params string[] arguments)
    {
        var (exitCode, output, error) = await OperatorCli.RunAsync(await platform.OperatorEnvironmentAsync(Cancellation), _clock, Cancellation, [.. arguments, "--json"]);
        Assert.True(exitCode == 0, error);
        return JsonElement.Parse(output);
    }
}
