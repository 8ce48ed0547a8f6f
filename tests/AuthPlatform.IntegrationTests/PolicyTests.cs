using System.Net;
using System.Text.Json;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests;

/// <summary>What an application's own settings change.</summary>
public sealed class PolicyTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SessionScopes.UserDeviceIp, 4)]
    [InlineData(SessionScopes.UserDevice, 2)]
    [InlineData(SessionScopes.User, 1)]
    public async Task SignIns_FromSeveralPlaces_ReplaceEachOtherAsTheScopeSays(string scope, int sessions)
    {
        var application = await platform.CreateApplicationAsync(a => a.SessionScope = scope, Cancellation);
        JsonElement? last = null;
        foreach (var (device, ip) in new[] { ("phone", "203.0.113.1"), ("phone", "203.0.113.2"), ("tablet", "203.0.113.1"), ("tablet", "203.0.113.2") })
        {
            last = await SignInAsync(application, "user", device, ip);
        }

        Assert.Equal(sessions, await CountSessionsAsync(application));
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(application, last!.Value.Text("access_token"), Cancellation)).Status);
    }

    [Fact]
    public async Task MaxSessionsPerUser_Exceeded_EvictsTheLeastRecentlyUsed()
    {
        var application = await platform.CreateApplicationAsync(a => a.MaxSessionsPerUser = 2, Cancellation);
        var first = await SignInAsync(application, "user", "first");
        var second = await SignInAsync(application, "user", "second");
        await platform.RefreshAsync(application, first.Text("refresh_token"), Cancellation);
        var third = await SignInAsync(application, "user", "third");
        var other = await SignInAsync(application, "another user", "fourth");

        var statuses = new List<HttpStatusCode>();
        foreach (var issued in new[] { first, second, third, other })
        {
            statuses.Add((await platform.VerifyAsync(application, issued.Text("access_token"), Cancellation)).Status);
        }

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Unauthorized, HttpStatusCode.OK, HttpStatusCode.OK], statuses);
    }

    [Fact]
    public async Task MaxSessionsPerUser_FiftySignInsFromFiftyDevicesAtOnce_IsNeverExceeded()
    {
        var application = await platform.CreateApplicationAsync(a => a.MaxSessionsPerUser = 3, Cancellation);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => SignInAsync(application, "user", $"device {i}")));

        Assert.Equal(3, await CountSessionsAsync(application));
    }

    [Theory]
    [InlineData(IpHandlings.Store, DeviceHandlings.Store, "2001:db8::1", "phone", "2001:db8::1")]
    [InlineData(IpHandlings.Truncate, DeviceHandlings.Store, "2001:db8:1:2:3:4:5:6", "phone", "2001:db8:1:2::")]
    [InlineData(IpHandlings.Truncate, DeviceHandlings.Store, "::ffff:203.0.113.77", "phone", "203.0.113.0")]
    [InlineData(IpHandlings.Ignore, DeviceHandlings.Ignore, "203.0.113.77", "", "")]
    public async Task Handling_OfAddressAndDevice_DecidesWhatIsKept(string ipHandling, string deviceHandling, string sent, string device, string kept)
    {
        var application = await platform.CreateApplicationAsync(a => (a.IpHandling, a.DeviceHandling) = (ipHandling, deviceHandling), Cancellation);
        var issued = await SignInAsync(application, "user", "phone", sent);

        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var session = Guid.Parse(issued.Text("session_id"));
        var row = await database.Sessions.SingleAsync(s => s.Id == session, Cancellation);
        Assert.Equal((device, kept), (row.Device, row.Ip));
    }

    [Fact]
    public async Task AccessLifetime_AndAudience_AreTheApplicationsOwn()
    {
        var application = await platform.CreateApplicationAsync(a => (a.AccessLifetimeSeconds, a.Audience) = (3600, "https://api.example.com"), Cancellation);
        var issued = await platform.IssueAsync(application, "user", Cancellation);
        var (_, verified) = await platform.VerifyAsync(application, issued.Text("access_token"), Cancellation);

        Assert.InRange(issued.GetProperty("expires_in").GetInt32(), 3600 * 95 / 100, 3600);
        Assert.Equal("https://api.example.com", verified.GetProperty("payload").Text("aud"));
    }

    /// <summary>Both replicas know that its signature is right; whom it had to name has changed since.</summary>
    [Fact]
    public async Task Token_ProvenBeforeTheAudienceChanged_IsRefusedByAllReplicas()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var token = (await platform.IssueAsync(application, "user", Cancellation)).Text("access_token");
        foreach (var replica in platform.TokenApis)
        {
            var (status, _) = await AuthPlatformFixture.SendFreshAsync(replica, () => SignedRequests.V2(application, "/auth/verify", SignedRequests.VerifyBody(token)), Cancellation);
            Assert.Equal(HttpStatusCode.OK, status);
        }

        await platform.ChangeApplicationAsync(application, a => a.Audience = "https://api.example.com", Cancellation);

        await Eventually.RefusedByAllAsync(platform, application, token, Cancellation);
    }

    [Fact]
    public async Task MinimumSignatureVersion_OfTwo_RefusesVersionOne()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var (status, problem) = await platform.SendFreshAsync(() => SignedRequests.V1(application, "/auth/token", SignedRequests.TokenBody("user")), Cancellation);

        Assert.Equal((HttpStatusCode.Unauthorized, "signature_version_too_old"), (status, problem.Text("code")));
    }

    [Fact]
    public async Task Secrets_TwoLiveAtOnce_BothSignAndTheirLastUseIsRecorded()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var second = await platform.AddSecretAsync(application, Cancellation);
        await UntilAsync(HttpStatusCode.OK, platform.Gateway, second);
        await UntilAsync(HttpStatusCode.OK, platform.Gateway, application);

        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await Eventually.TrueAsync(
            async () => await database.ApplicationSecrets.CountAsync(s => s.LastUsedAt != null && database.Applications.Any(a => a.Id == s.ApplicationId && a.ClientId == application.ClientId), Cancellation) == 2,
            Cancellation);
    }

    [Fact]
    public async Task Change_ThatWasAnnounced_CountsOnEveryReplicaAtOnce()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        foreach (var enabled in new[] { true, false, true, false })
        {
            await platform.ChangeApplicationAsync(application, a => a.Enabled = enabled, Cancellation);
            foreach (var replica in platform.TokenApis)
            {
                await UntilAsync(enabled ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, replica, application);
            }
        }
    }

    /// <summary>The message takes a moment on its way.</summary>
    private static Task UntilAsync(HttpStatusCode expected, HttpClient client, TestApplication application) => Eventually.TrueAsync(
        async () => (await AuthPlatformFixture.SendAsync(client, SignedRequests.V2(application, "/auth/token", SignedRequests.TokenBody("user")), Cancellation)).Status == expected,
        Eventually.ByMessage,
        Cancellation);

    private async Task<JsonElement> SignInAsync(TestApplication application, string user, string device, string ip = "")
    {
        var (status, issued) = await platform.SendSignedAsync(application, "/auth/token", () => SignedRequests.TokenBody(user, device, ip), Cancellation);
        Assert.Equal(HttpStatusCode.OK, status);
        return issued;
    }

    private async Task<int> CountSessionsAsync(TestApplication application)
    {
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        return await database.Sessions.CountAsync(s => s.UniqueKey == "user" && database.Applications.Any(a => a.Id == s.ApplicationId && a.ClientId == application.ClientId), Cancellation);
    }
}
