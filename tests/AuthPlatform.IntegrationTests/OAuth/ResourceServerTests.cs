using System.Net;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.OAuth;

/// <summary>Those whom an application names as its resource servers may check its tokens; nobody else.</summary>
public sealed class ResourceServerTests(AuthPlatformFixture platform)
{
    private const string Inactive = """{"active":false}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ResourceServer_NamedByAnApplication_ChecksItsAccessTokensAsItself()
    {
        var server = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var second = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var application = await platform.CreateApplicationAsync(a => a.ResourceServers = [server.ClientId, second.ClientId], Cancellation);
        var issued = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
        var token = issued.Text("access_token");

        var (status, verified) = await platform.VerifyAsync(server, token, Cancellation);
        Assert.Equal((HttpStatusCode.OK, application.ClientId, issued.Text("session_id")), (status, verified.Text("client_id"), verified.Text("session_id")));
        Assert.Equal(
            [application.ClientId, server.ClientId, second.ClientId],
            verified.GetProperty("payload").GetProperty("aud").EnumerateArray().Select(a => a.GetString()));

        foreach (var issuer in new[] { application, server })
        {
            var (_, answer) = await platform.CallAsync(server, issuer, "introspect", Cancellation, ("token", token));
            Assert.Equal(("True", application.ClientId), (answer.Text("active"), answer.Text("client_id")));
        }

        await platform.SendSignedAsync(application, "/auth/revoke", () => SignedRequests.VerifyBody(token), Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.VerifyAsync(server, token, Cancellation)).Status);
        Assert.Equal(Inactive, (await platform.CallAsync(server, application, "introspect", Cancellation, ("token", token))).Body.ToString());
    }

    [Fact]
    public async Task ResourceServer_DoingAnythingElseThanChecking_IsRefused()
    {
        var server = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var application = await platform.CreateApplicationAsync(a => a.ResourceServers = [server.ClientId], Cancellation);
        var issued = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);

        foreach (var issuer in new[] { application, server })
        {
            // Refresh tokens are between the application and the platform.
            Assert.Equal(Inactive, (await platform.CallAsync(server, issuer, "introspect", Cancellation, ("token", issued.Text("refresh_token")))).Body.ToString());
        }

        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.CallAsync(server, application, "revoke", Cancellation, ("token", issued.Text("access_token")))).Status);
        Assert.Equal(HttpStatusCode.OK, (await platform.CallAsync(server, server, "revoke", Cancellation, ("token", issued.Text("access_token")))).Status);
        var (status, error) = await platform.CallAsync(server, server, "token", Cancellation, ("grant_type", "refresh_token"), ("refresh_token", issued.Text("refresh_token")));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_grant"), (status, error.Text("error")));
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.CallAsync(server, application, "token", Cancellation, ("grant_type", "client_credentials"))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.TryRefreshAsync(server, issued.Text("refresh_token"), Cancellation)).Status);
        await platform.SendSignedAsync(server, "/auth/revoke", () => SignedRequests.VerifyBody(issued.Text("access_token")), Cancellation);

        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(application, issued.Text("access_token"), Cancellation)).Status);
    }

    /// <summary>Being named is one-way, and goes no further than the one who names.</summary>
    [Fact]
    public async Task ResourceServer_NotNamed_SeesNoToken()
    {
        var server = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var between = await platform.CreateApplicationAsync(a => a.ResourceServers = [server.ClientId], Cancellation);
        var application = await platform.CreateApplicationAsync(a => a.ResourceServers = [between.ClientId], Cancellation);
        var token = (await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation)).Text("access_token");
        var serverToken = (await platform.IssueAsync(server, SignedRequests.NewUser(), Cancellation)).Text("access_token");

        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(between, token, Cancellation)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.VerifyAsync(server, token, Cancellation)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.VerifyAsync(between, serverToken, Cancellation)).Status);
        Assert.Equal(Inactive, (await platform.CallAsync(server, server, "introspect", Cancellation, ("token", token))).Body.ToString());
        // A client of "between", asking there about a token that "between" itself may see.
        Assert.Equal(Inactive, (await platform.CallAsync(server, between, "introspect", Cancellation, ("token", token))).Body.ToString());
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.CallAsync(server, application, "introspect", Cancellation, ("token", token))).Status);
    }

    [Fact]
    public async Task ResourceServer_OfADisabledApplication_SeesNoTokenAnyMore()
    {
        var server = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var application = await platform.CreateApplicationAsync(a => a.ResourceServers = [server.ClientId], Cancellation);
        var token = (await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation)).Text("access_token");
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(server, token, Cancellation)).Status);

        await platform.ChangeApplicationAsync(application, a => a.Enabled = false, Cancellation);

        // The message that tells of the change takes a moment.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        while ((await platform.VerifyAsync(server, token, Cancellation)).Status == HttpStatusCode.OK
            || (await platform.CallAsync(server, application, "introspect", Cancellation, ("token", token))).Status != HttpStatusCode.Unauthorized)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, patience.Token);
        }
    }
}
