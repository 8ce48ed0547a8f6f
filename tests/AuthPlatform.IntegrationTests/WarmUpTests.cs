using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;
using Xunit.Sdk;

namespace AuthPlatform.IntegrationTests;

/// <summary>What a Token API and Admin Web do before they let requests in, and nobody may see.</summary>
public sealed class WarmUpTests(AuthPlatformFixture platform)
{
    private const string Count =
        """
        SELECT (SELECT count(*) FROM sessions) || ' sessions, ' || (SELECT count(*) FROM revocations) || ' revocations, ' || (SELECT count(*) FROM replay_entries) || ' requests, '
            || (SELECT count(*) FROM audit_events) || ' events, ' || (SELECT coalesce(sum(count), 0) FROM traffic_counts) || ' counted'
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public Task TokenApi_Started_HasDoneWhatRequestsDoAndLeavesNoRow() => OnceOfThreeTimesAsync(StartTokenApiAsync);

    [Fact]
    public Task AdminWeb_Started_HasOpenedThePagesThatAllLinkToAndLeavesNoRow() => OnceOfThreeTimesAsync(StartAdminWebAsync);

    private async Task StartTokenApiAsync()
    {
        var databases = new FreshDatabases(platform);
        var settings = await MigratedAsync(databases);
        var before = await databases.ReadAsync(ResourceNames.AuthDatabase, Count, Cancellation);

        settings["ConnectionStrings__authdb"] = await databases.LoginAsync(ResourceNames.AuthDatabase, ResourceNames.TokenApi, 0, FreshDatabases.RolePassword, Cancellation);
        settings["Tokens__PublicUrl"] = "http://localhost";
        using var keyManager = await RunningService.StartAsync("AuthPlatform.KeyManager", settings, Cancellation, asAssembly: true);
        settings["services__key-manager__http__0"] = keyManager.Http.BaseAddress!.ToString();
        using var tokenApi = await RunningService.StartAsync("AuthPlatform.TokenApi", settings, Cancellation, asAssembly: true);
        var measured = await tokenApi.Http.GetStringAsync(tokenApi.Metrics, Cancellation);
        IReadOnlyList<string> loaded = [.. keyManager.Loaded, .. tokenApi.Loaded];
        await tokenApi.StopAsync(Cancellation);

        // The memory against replay and the list of revocations were asked, which only requests do.
        Assert.Contains("db_operation_name=\"SET\"", measured, StringComparison.Ordinal);
        Assert.Contains("db_operation_name=\"MGET\"", measured, StringComparison.Ordinal);
        // Of the Key Manager, keys are read and signatures asked for; a token was checked.
        Assert.Matches("http_client_request_duration[^\n]*http_request_method=\"POST\"", measured);
        Assert.Contains("Microsoft.IdentityModel.JsonWebTokens.dll", loaded);
        // Whoever makes a context loads its provider: that would double the time until they are ready.
        Assert.Contains("Npgsql.dll", loaded);
        Assert.DoesNotContain("Npgsql.EntityFrameworkCore.PostgreSQL.dll", loaded);

        // What it refused during its start, it says; what it counts, it has written down by its end.
        Assert.DoesNotContain(tokenApi.Log, line => line.Contains("warn:", StringComparison.Ordinal) || line.Contains("fail:", StringComparison.Ordinal));
        Assert.Equal(before, await databases.ReadAsync(ResourceNames.AuthDatabase, Count, Cancellation));
    }

    private async Task StartAdminWebAsync()
    {
        var databases = new FreshDatabases(platform);
        var settings = await MigratedAsync(databases);
        var before = await databases.ReadAsync(ResourceNames.AuthDatabase, Count, Cancellation);

        settings["Admin__PublicUrl"] = "http://localhost";
        using var adminWeb = await RunningService.StartAsync("AuthPlatform.AdminWeb", settings, Cancellation);
        var measured = await adminWeb.Http.GetStringAsync(adminWeb.Metrics, Cancellation);
        await adminWeb.StopAsync(Cancellation);

        Assert.Contains(adminWeb.Log, line => line.Contains("Opened 6 pages", StringComparison.Ordinal));
        Assert.Contains("db_client_connection_pool_name=\"authdb models\"", measured, StringComparison.Ordinal);
        Assert.DoesNotContain(adminWeb.Log, line => line.Contains("fail:", StringComparison.Ordinal));
        Assert.Equal(before, await databases.ReadAsync(ResourceNames.AuthDatabase, Count, Cancellation));
    }

    [Fact]
    public async Task AdminWeb_StartedForDevelopment_MakesTheModelOfItsDatabaseBesideAndOpensNoPage()
    {
        var settings = await MigratedAsync(new FreshDatabases(platform));
        settings["Admin__PublicUrl"] = "http://localhost";
        settings["ASPNETCORE_ENVIRONMENT"] = "Development";
        using var adminWeb = await RunningService.StartAsync("AuthPlatform.AdminWeb", settings, Cancellation);

        // Nobody has opened a page: only this asks Entity Framework anything.
        await Eventually.TrueAsync(
            async () => (await adminWeb.Http.GetStringAsync(adminWeb.Metrics, Cancellation)).Contains("db_client_connection_pool_name=\"authdb models\"", StringComparison.Ordinal),
            Cancellation);
        Assert.DoesNotContain(adminWeb.Log, line => line.Contains("Opened", StringComparison.Ordinal));
    }

    /// <summary>On a crowded machine, a start gives up what takes too long, and says so. What is wrong is wrong each time.</summary>
    private static async Task OnceOfThreeTimesAsync(Func<Task> attempt)
    {
        for (var retries = 2; ; retries--)
        {
            try
            {
                await attempt();
                return;
            }
            catch (XunitException) when (retries > 0)
            {
                // With databases of its own again.
            }
        }
    }

    /// <summary>The settings of a service whose databases are fresh and ready.</summary>
    private async Task<Dictionary<string, string>> MigratedAsync(FreshDatabases databases)
    {
        var settings = await databases.MigratedAsync(Cancellation);
        // Apart from the running platform, which knows other revocations.
        settings["ConnectionStrings__redis"] = $"{await platform.App.GetConnectionStringAsync(ResourceNames.Redis, Cancellation)},defaultDatabase=10";
        settings["Metrics__Port"] = "0";
        return settings;
    }
}
