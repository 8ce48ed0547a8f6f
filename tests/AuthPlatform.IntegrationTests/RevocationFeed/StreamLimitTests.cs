using System.Net;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.RevocationFeed;

/// <summary>How many streams a caller may have of one application, at one replica.</summary>
public sealed class StreamLimitTests(AuthPlatformFixture platform)
{
    private const int StreamLimit = 20;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stream_BeyondTheLimitOfAReplica_IsRefusedUntilAnotherEnds()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var path = $"/auth/{application.ClientId}/revocations";
        var replica = platform.TokenApis[0];
        var readers = await Task.WhenAll(Enumerable.Range(0, StreamLimit).Select(_ => FeedReader.OpenAsync(replica, () => Get(path).WithBasic(application), Cancellation)));

        using var more = await UntilRefusedAsync(replica, path, application);
        // Pages are still to be had, and other applications have streams of their own.
        Assert.Equal(HttpStatusCode.OK, (await AuthPlatformFixture.SendFreshAsync(replica, () => Get(path).WithBasic(application), Cancellation)).Status);
        await using (await FeedReader.OpenAsync(replica, () => Get($"/auth/{platform.Bootstrap.ClientId}/revocations").WithBasic(platform.Bootstrap), Cancellation))
        {
            await readers[0].DisposeAsync();
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        while (await TryStreamAsync(replica, path, application) is { StatusCode: HttpStatusCode.TooManyRequests } refused)
        {
            refused.Dispose();
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, patience.Token);
        }

        foreach (var reader in readers.Skip(1))
        {
            await reader.DisposeAsync();
        }
    }

    [Fact]
    public async Task Stream_WhileAResourceServerHasAllThatItMay_IsOpenToTheApplicationAndToOthers()
    {
        var greedy = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var modest = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var application = await platform.CreateApplicationAsync(a => a.ResourceServers = [greedy.ClientId, modest.ClientId], Cancellation);
        var path = $"/auth/{application.ClientId}/revocations";
        var replica = platform.TokenApis[0];
        var taken = await Task.WhenAll(Enumerable.Range(0, StreamLimit).Select(_ => FeedReader.OpenAsync(replica, () => Get(path).WithBasic(greedy), Cancellation)));
        using var more = await UntilRefusedAsync(replica, path, greedy);

        var revoked = await platform.RevokedSessionAsync(application, Cancellation);
        foreach (var caller in new[] { application, modest })
        {
            await using var follower = new FeedFollower(replica, () => Task.FromResult(Get(path).WithBasic(caller)));
            await follower.ReadAsync(1, Cancellation);
            Assert.Equal([revoked], follower.Told);
        }

        // On a crowded machine, some of them may have ended early.
        var told = await Task.WhenAll(taken.Select(reader => reader.NextAsync()));
        Assert.Contains(told, next => next?.Revocation.Text("sid") == revoked);
        foreach (var reader in taken)
        {
            await reader.DisposeAsync();
        }
    }

    private static HttpRequestMessage Get(string path) => new(HttpMethod.Get, path);

    /// <summary>The refusal of one more than there may be: on a crowded machine some have ended early, and others take their places.</summary>
    private static async Task<HttpResponseMessage> UntilRefusedAsync(HttpClient replica, string path, TestApplication caller)
    {
        for (var tries = 0; tries < StreamLimit; tries++)
        {
            if (await TryStreamAsync(replica, path, caller) is { StatusCode: HttpStatusCode.TooManyRequests } refused)
            {
                Assert.NotNull(refused.Headers.RetryAfter);
                return refused;
            }
        }

        throw new InvalidOperationException("There is no limit.");
    }

    /// <summary>A stream that stays open until its answer is disposed of, or a refusal.</summary>
    private static async Task<HttpResponseMessage> TryStreamAsync(HttpClient replica, string path, TestApplication caller)
    {
        using var request = Get(path).WithBasic(caller);
        request.Headers.Accept.ParseAdd("text/event-stream");
        return await replica.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
    }
}
