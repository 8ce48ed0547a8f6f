using AuthPlatform.Data;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.TokenApi.Requests;
using AuthPlatform.TokenApi.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace AuthPlatform.IntegrationTests;

/// <summary>A user with many more sessions than they may have, as an import can bring them: a sign-in ends so many of them as those can wait for who sign in at the same time.</summary>
public sealed class CrowdedUserTests(AuthPlatformFixture platform)
{
    private const int Sessions = 1500;
    private const int AtOnce = 1000;
    private const string User = "crowded";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_OfAUserWithTooManySessions_EndsTheLeastRecentlyUsedAThousandAtATime()
    {
        const int Most = 20;
        await using var replica = await platform.BuildTokenApiApartAsync("127.0.0.1:1", Cancellation);
        await UserSessions.ImportAsync(replica.Services.GetRequiredService<NpgsqlDataSource>(), User, Sessions, Cancellation);

        var first = await StartAsync(replica, SessionScopes.UserDeviceIp, device: 0);
        var left = await DevicesAsync(replica);
        var second = await StartAsync(replica, SessionScopes.UserDeviceIp, device: 0);

        Assert.Equal([(RevocationReasons.Evicted, AtOnce)], first);
        Assert.Equal(Enumerable.Range(0, 1 + Sessions - AtOnce), left);
        Assert.Equal([(RevocationReasons.Evicted, Sessions - AtOnce - (Most - 1)), (RevocationReasons.Replaced, 1)], second);
        Assert.Equal(Enumerable.Range(0, Most), await DevicesAsync(replica));
    }

    /// <summary>The one on the same device was used last and goes with the first of them: two cannot stand in one place.</summary>
    [Fact]
    public async Task Start_InThePlaceOfTooManySessions_EndsTheOneOnItsDeviceAndTheLeastRecentlyUsed()
    {
        await using var replica = await platform.BuildTokenApiApartAsync("127.0.0.1:1", Cancellation);
        await UserSessions.ImportAsync(replica.Services.GetRequiredService<NpgsqlDataSource>(), User, Sessions, Cancellation);

        var first = await StartAsync(replica, SessionScopes.User, device: 1);
        var left = await DevicesAsync(replica);
        var second = await StartAsync(replica, SessionScopes.User, device: 1);

        Assert.Equal([(RevocationReasons.Replaced, AtOnce)], first);
        Assert.Equal(Enumerable.Range(1, 1 + Sessions - AtOnce), left);
        Assert.Equal([(RevocationReasons.Replaced, 1 + Sessions - AtOnce)], second);
        Assert.Equal([1], await DevicesAsync(replica));
    }

    /// <summary>How many sessions ended for it, and why.</summary>
    private static async Task<IEnumerable<(string Reason, int Count)>> StartAsync(WebApplication replica, string scope, int device)
    {
        var application = await replica.Services.GetRequiredService<ApplicationSnapshots>().FindAsync(FreshDatabases.ClientId, Cancellation);
        var ended = await replica.Services.GetRequiredService<SessionStarts>().StartAsync(application! with { SessionScope = scope }, UserSessions.New(User, $"{device}"), Cancellation);
        return ended.CountBy(session => session.Reason).Select(reason => (reason.Key, reason.Value)).Order();
    }

    private static async Task<List<int>> DevicesAsync(WebApplication replica)
    {
        await using var command = replica.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("SELECT device::int FROM sessions ORDER BY 1");
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        return await reader.ReadAllAsync(row => row.GetInt32(0), Cancellation);
    }
}
