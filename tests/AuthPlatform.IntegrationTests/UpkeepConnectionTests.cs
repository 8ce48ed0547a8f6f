using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.TokenApi.Requests;
using AuthPlatform.TokenApi.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using StackExchange.Redis;

namespace AuthPlatform.IntegrationTests;

/// <summary>What a replica does for all goes on while requests have every connection that they may have: without it they would need still more of them.</summary>
public sealed class UpkeepConnectionTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sentinel_GoneWhileRequestsHaveAllConnections_ComesBack()
    {
        await using var replica = await BuildAsync();
        var redis = replica.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
        await using var requests = await HoldAllAsync(replica);
        using var copier = ActivatorUtilities.CreateInstance<RevocationCopier>(replica.Services);
        await copier.StartAsync(Cancellation);
        await Eventually.TrueAsync(() => redis.KeyExistsAsync(RevocationKeys.Complete), Cancellation);

        await redis.KeyDeleteAsync(RevocationKeys.Complete);

        await Eventually.TrueAsync(() => redis.KeyExistsAsync(RevocationKeys.Complete), Cancellation);
        await copier.StopAsync(Cancellation);
    }

    [Fact]
    public async Task Announcement_WhileRequestsHaveAllConnections_IsMadeAndHeard()
    {
        await using var replica = await BuildAsync();
        await using var requests = await HoldAllAsync(replica);
        var announcing = replica.Services.GetRequiredService<ReplayTable>();
        var hearing = ActivatorUtilities.CreateInstance<ReplayTable>(replica.Services);

        await announcing.AnnounceAsync(Cancellation);
        await hearing.LearnAsync(Cancellation);

        Assert.True(hearing.KnowsAll(hearing.Now.ToUnixTimeSeconds() + 60));
    }

    /// <summary>Apart from the running platform, which knows other revocations.</summary>
    private async Task<WebApplication> BuildAsync() =>
        await platform.BuildTokenApiApartAsync($"{await platform.App.GetConnectionStringAsync(ResourceNames.Redis, Cancellation)},defaultDatabase=14", Cancellation);

    private static async Task<HeldConnections> HoldAllAsync(WebApplication replica)
    {
        var connections = replica.Services.GetRequiredService<NpgsqlDataSource>();
        var most = new NpgsqlConnectionStringBuilder(connections.ConnectionString).MaxPoolSize;
        return new HeldConnections(await Task.WhenAll(Enumerable.Range(0, most).Select(_ => connections.OpenConnectionAsync(Cancellation).AsTask())));
    }

    private sealed class HeldConnections(IReadOnlyList<NpgsqlConnection> connections) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            foreach (var connection in connections)
            {
                await connection.DisposeAsync();
            }
        }
    }
}
