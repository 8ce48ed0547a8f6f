using System.Globalization;
using System.Net;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.RevocationFeed;

/// <summary>The same told as it happens: who may listen, for how long, and how many.</summary>
public sealed class RevocationStreamTests(AuthPlatformFixture platform)
{
    private const int StreamLimit = 20;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stream_ThroughTheGateway_TellsWhatWasAndWhatComesAndGoesOnWhereItWasCutOff()
    {
        var server = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var application = await platform.CreateApplicationAsync(a => a.ResourceServers = [server.ClientId], Cancellation);
        var path = $"/auth/{application.ClientId}/revocations";
        var before = await platform.RevokedSessionAsync(application, Cancellation);
        string cursor;
        await using (var reader = await FeedReader.OpenAsync(platform.Gateway, Get(path).WithBasic(server), Cancellation))
        {
            Assert.Equal(before, (await reader.NextAsync())!.Value.Revocation.Text("sid"));
            var during = await platform.RevokedSessionAsync(application, Cancellation);
            var next = (await reader.NextAsync())!.Value;
            Assert.Equal((during, "revoked"), (next.Revocation.Text("sid"), next.Revocation.Text("reason")));
            cursor = next.Id;
        }

        var missed = await platform.RevokedSessionAsync(application, Cancellation);
        var resumed = await Get(path).SignedByAsync(application);
        resumed.Headers.Add("Last-Event-ID", cursor);
        await using (var reader = await FeedReader.OpenAsync(platform.Gateway, resumed, Cancellation))
        {
            Assert.Equal(missed, (await reader.NextAsync())!.Value.Revocation.Text("sid"));
        }
    }

    [Fact]
    public async Task Stream_OfAResourceServerThatIsNamedNoMore_Ends()
    {
        var server = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var application = await platform.CreateApplicationAsync(a => a.ResourceServers = [server.ClientId], Cancellation);
        await using var reader = await FeedReader.OpenAsync(platform.Gateway, Get($"/auth/{application.ClientId}/revocations").WithBasic(server), Cancellation);
        await platform.ChangeApplicationAsync(application, a => a.ResourceServers = [], Cancellation);

        await EndsAsync(reader, application);
    }

    /// <summary>Whoever is disabled reads no more and is read no more, and nobody reads on from an address that may not any longer.</summary>
    [Theory]
    [InlineData("caller", false)]
    [InlineData("issuer", false)]
    [InlineData("caller", true, "198.51.100.0/24")]
    public async Task Stream_OfWhatMayBeReadNoMore_Ends(string changed, bool enabled, params string[] allowedIps)
    {
        var server = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var application = await platform.CreateApplicationAsync(a => a.ResourceServers = [server.ClientId], Cancellation);
        await using var reader = await FeedReader.OpenAsync(platform.Gateway, Get($"/auth/{application.ClientId}/revocations").WithBasic(server), Cancellation);
        await platform.ChangeApplicationAsync(changed == "caller" ? server : application, a => (a.Enabled, a.AllowedIps) = (enabled, allowedIps), Cancellation);

        await EndsAsync(reader, application);
    }

    /// <summary>Who stole a secret must not go on reading with it when it is none any more; who has the new one does.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stream_OpenedWithASecretThatHasExpired_Ends(bool isSigned)
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var renewed = await platform.AddSecretAsync(application, Cancellation);
        var path = $"/auth/{application.ClientId}/revocations";
        await using var old = await FeedReader.OpenAsync(platform.Gateway, isSigned ? await Get(path).SignedByAsync(application) : Get(path).WithBasic(application), Cancellation);
        await using var current = await FeedReader.OpenAsync(platform.Gateway, isSigned ? await Get(path).SignedByAsync(renewed) : Get(path).WithBasic(renewed), Cancellation);
        await platform.ChangeApplicationAsync(application, a => a.Secrets.Single(s => s.Slot == 1).ExpiresAt = TimeProvider.System.GetUtcNow(), Cancellation);

        await EndsAsync(old, renewed);
        var last = await platform.RevokedSessionAsync(renewed, Cancellation);
        string told;
        do
        {
            told = (await current.NextAsync())!.Value.Revocation.Text("sid");
        }
        while (told != last);
    }

    /// <summary>The age of what a reader catches up on says nothing about how late the feed is.</summary>
    [Fact]
    public async Task Stream_OfAReaderThatCatchesUp_MeasuresOnlyWhatComesAfterwards()
    {
        var environment = new Dictionary<string, string>(await platform.TokenApiEnvironmentAsync(Cancellation)) { ["Metrics__Port"] = "0" };
        using var service = await RunningService.StartAsync("AuthPlatform.TokenApi", environment, Cancellation);
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        for (var i = 0; i < 3; i++)
        {
            await platform.RevokedSessionAsync(application, Cancellation);
        }

        // From here on all three are to be had, so that the first page is not the last one.
        await platform.ReadFeedUntilAsync(application, "", count: 3, Cancellation);
        await using var reader = await FeedReader.OpenAsync(service.Http, Get($"/auth/{application.ClientId}/revocations?limit=1").WithBasic(application), Cancellation);
        for (var i = 0; i < 3; i++)
        {
            Assert.NotNull(await reader.NextAsync());
        }

        var during = await platform.RevokedSessionAsync(application, Cancellation);
        Assert.Equal(during, (await reader.NextAsync())!.Value.Revocation.Text("sid"));

        var scraped = await service.Http.GetStringAsync(service.Metrics, Cancellation);
        var count = Assert.Single(scraped.Split('\n'), line => line.StartsWith("authplatform_revocations_stream_lag_seconds_count", StringComparison.Ordinal));
        Assert.Equal(1, double.Parse(count.Split(' ')[^1], CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Stream_BeyondTheLimitOfAReplica_IsRefusedUntilAnotherEnds()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var path = $"/auth/{application.ClientId}/revocations";
        var replica = platform.TokenApis[0];
        var readers = await Task.WhenAll(Enumerable.Range(0, StreamLimit).Select(_ => FeedReader.OpenAsync(replica, Get(path).WithBasic(application), Cancellation)));

        Assert.Equal(HttpStatusCode.TooManyRequests, await TryStreamAsync(replica, path, application));
        // Pages are still to be had, and other applications have streams of their own.
        Assert.Equal(HttpStatusCode.OK, (await AuthPlatformFixture.SendAsync(replica, Get(path).WithBasic(application), Cancellation)).Status);
        await using (await FeedReader.OpenAsync(replica, Get($"/auth/{platform.Bootstrap.ClientId}/revocations").WithBasic(platform.Bootstrap), Cancellation))
        {
            await readers[0].DisposeAsync();
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        while (await TryStreamAsync(replica, path, application) == HttpStatusCode.TooManyRequests)
        {
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
        var taken = await Task.WhenAll(Enumerable.Range(0, StreamLimit).Select(_ => FeedReader.OpenAsync(replica, Get(path).WithBasic(greedy), Cancellation)));
        Assert.Equal(HttpStatusCode.TooManyRequests, await TryStreamAsync(replica, path, greedy));

        await using var own = await FeedReader.OpenAsync(replica, Get(path).WithBasic(application), Cancellation);
        await using var other = await FeedReader.OpenAsync(replica, Get(path).WithBasic(modest), Cancellation);
        var revoked = await platform.RevokedSessionAsync(application, Cancellation);
        foreach (var reader in new[] { own, other, taken[0] })
        {
            Assert.Equal(revoked, (await reader.NextAsync())!.Value.Revocation.Text("sid"));
        }

        foreach (var reader in taken)
        {
            await reader.DisposeAsync();
        }
    }

    private static HttpRequestMessage Get(string path) => new(HttpMethod.Get, path);

    private static async Task<HttpStatusCode> TryStreamAsync(HttpClient replica, string path, TestApplication caller)
    {
        using var request = Get(path).WithBasic(caller);
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var response = await replica.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.Equal(response.StatusCode == HttpStatusCode.TooManyRequests, response.Headers.RetryAfter is not null);
        return response.StatusCode;
    }

    /// <summary>
    /// The stream ends by its next heartbeat, or by the next revocation if that is sooner; what it tells may just have been on its way. Revoked by hand: an application that is
    /// disabled does nothing itself.
    /// </summary>
    private async Task EndsAsync(FeedReader reader, TestApplication application)
    {
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await Eventually.TrueAsync(
            async () =>
            {
                await database.Database.ExecuteSqlAsync(
                    $"""
                    INSERT INTO revocations (application_id, revoked_id, reason, revoked_at, effective_at, until)
                    SELECT id, gen_random_uuid(), 'revoked', now(), now(), now() + interval '1 hour' FROM applications WHERE client_id = {application.ClientId}
                    """,
                    Cancellation);
                return await reader.NextAsync() is null;
            },
            Cancellation);
    }
}
