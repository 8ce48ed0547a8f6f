using System.Globalization;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.RevocationFeed;

/// <summary>The same told as it happens: who may listen, and for how long.</summary>
public sealed class RevocationStreamTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stream_ThroughTheGateway_TellsWhatWasAndWhatComesAndGoesOnWhereItWasCutOff()
    {
        var server = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var application = await platform.CreateApplicationAsync(a => a.ResourceServers = [server.ClientId], Cancellation);
        var path = $"/auth/{application.ClientId}/revocations";
        var isSigned = false;
        await using var follower = new FeedFollower(platform.Gateway, async () => isSigned ? await Get(path).SignedByAsync(application) : Get(path).WithBasic(server));
        var revoked = new List<string>();
        for (var count = 1; count <= 3; count++)
        {
            revoked.Add(await platform.RevokedSessionAsync(application, Cancellation));
            await follower.ReadAsync(count, Cancellation);
        }

        Assert.Equal("revoked", follower.Last.Text("reason"));
        // On a crowded machine one may end early, but not after each event.
        Assert.InRange(follower.Streams, 1, 2);

        await follower.DisposeAsync();
        revoked.Add(await platform.RevokedSessionAsync(application, Cancellation));
        isSigned = true;
        await follower.ReadAsync(revoked.Count, Cancellation);
        Assert.Equal(revoked, follower.Told);
    }

    [Fact]
    public async Task Stream_OfAResourceServerThatIsNamedNoMore_Ends()
    {
        var server = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var application = await platform.CreateApplicationAsync(a => a.ResourceServers = [server.ClientId], Cancellation);
        await using var reader = await FeedReader.OpenAsync(platform.Gateway, () => Get($"/auth/{application.ClientId}/revocations").WithBasic(server), Cancellation);
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
        await using var reader = await FeedReader.OpenAsync(platform.Gateway, () => Get($"/auth/{application.ClientId}/revocations").WithBasic(server), Cancellation);
        await platform.ChangeApplicationAsync(changed == "caller" ? server : application, a => (a.Enabled, a.AllowedIps) = (enabled, allowedIps), Cancellation);

        await EndsAsync(reader, application);
    }

    /// <summary>Who stole a secret must not go on reading with it when it is none any more; who has the new one does.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Stream_OpenedWithASecretThatHasExpired_Ends(bool isSigned) => Eventually.TrueAsync(
        async () =>
        {
            var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
            var renewed = await platform.AddSecretAsync(application, Cancellation);
            await using var old = await OpenAsync(application);
            await using var current = await OpenAsync(renewed);
            await platform.ChangeApplicationAsync(application, a => a.Secrets.Single(s => s.Slot == 1).ExpiresAt = TimeProvider.System.GetUtcNow(), Cancellation);

            await EndsAsync(old, renewed);
            // On a crowded machine it may end early too, and all begins anew; if the change ended it, it would each time.
            return await IsToldAsync(current, await platform.RevokedSessionAsync(renewed, Cancellation));

            Task<FeedReader> OpenAsync(TestApplication caller)
            {
                var path = $"/auth/{application.ClientId}/revocations";
                return FeedReader.OpenAsync(platform.Gateway, async () => isSigned ? await Get(path).SignedByAsync(caller) : Get(path).WithBasic(caller), Cancellation);
            }
        },
        Cancellation);

    /// <summary>The age of what a reader catches up on says nothing about how late the feed is.</summary>
    [Fact]
    public async Task Stream_OfAReaderThatCatchesUp_MeasuresOnlyWhatComesAfterwards()
    {
        var environment = new Dictionary<string, string>(await platform.TokenApiEnvironmentAsync(Cancellation)) { ["Metrics__Port"] = "0" };
        using var service = await RunningService.StartAsync("AuthPlatform.TokenApi", environment, Cancellation);
        await Eventually.TrueAsync(
            async () =>
            {
                var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
                for (var i = 0; i < 3; i++)
                {
                    await platform.RevokedSessionAsync(application, Cancellation);
                }

                // From here on all three are to be had, so that the first page is not the last one.
                await platform.ReadFeedUntilAsync(application, "", count: 3, Cancellation);
                var before = await MeasuredAsync(service);
                await using var reader = await FeedReader.OpenAsync(service.Http, () => Get($"/auth/{application.ClientId}/revocations?limit=1").WithBasic(application), Cancellation);
                for (var i = 0; i < 3; i++)
                {
                    await reader.NextAsync();
                }

                var during = await platform.RevokedSessionAsync(application, Cancellation);
                // On a crowded machine the stream may end early; then all begins anew.
                if (await reader.NextAsync() is not { } next)
                {
                    return false;
                }

                Assert.Equal(during, next.Revocation.Text("sid"));
                Assert.Equal(before + 1, await MeasuredAsync(service));
                return true;
            },
            Cancellation);
    }

    private static async Task<double> MeasuredAsync(RunningService service)
    {
        var lines = (await service.Http.GetStringAsync(service.Metrics, Cancellation)).Split('\n');
        return lines.Where(line => line.StartsWith("authplatform_revocations_stream_lag_seconds_count", StringComparison.Ordinal)).Sum(line => double.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture));
    }

    /// <summary>False when the stream ends first.</summary>
    private static async Task<bool> IsToldAsync(FeedReader reader, string session)
    {
        while (await reader.NextAsync() is var (_, revocation))
        {
            if (revocation.Text("sid") == session)
            {
                return true;
            }
        }

        return false;
    }

    private static HttpRequestMessage Get(string path) => new(HttpMethod.Get, path);

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
