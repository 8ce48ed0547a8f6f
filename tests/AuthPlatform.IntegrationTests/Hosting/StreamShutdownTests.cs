using System.Diagnostics;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Hosting;

/// <summary>Streams never end by themselves; services that carry them must stop all the same.</summary>
public sealed class StreamShutdownTests(AuthPlatformFixture platform)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stream_WhenAServiceStops_EndsAtOnceAndSoDoesTheService()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        using var tokenApi = await RunningService.StartAsync("AuthPlatform.TokenApi", await platform.TokenApiEnvironmentAsync(Cancellation), Cancellation);
        using var gateway = await RunningService.StartAsync(
            "AuthPlatform.Gateway",
            new Dictionary<string, string>
            {
                ["services__token-api__http__0"] = tokenApi.Http.BaseAddress!.ToString(),
                ["services__key-manager__http__0"] = platform.App.GetEndpoint("key-manager").ToString(),
            },
            Cancellation);

        await using (var cutOff = await OpenAsync(gateway, application))
        {
            await StopAsync(gateway);
            await Assert.ThrowsAnyAsync<IOException>(cutOff.NextAsync);
        }

        await using var ended = await OpenAsync(tokenApi, application);
        await StopAsync(tokenApi);
        Assert.Null(await ended.NextAsync());
    }

    private static Task<FeedReader> OpenAsync(RunningService service, TestApplication application) =>
        FeedReader.OpenAsync(service.Http, () => new HttpRequestMessage(HttpMethod.Get, $"/auth/{application.ClientId}/revocations").WithBasic(application), Cancellation);

    private static async Task StopAsync(RunningService service)
    {
        var started = Stopwatch.GetTimestamp();
        await service.StopAsync(Cancellation);
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, Patience);
    }
}
