using System.Net;
using System.Text.Json;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Jose;

namespace AuthPlatform.IntegrationTests;

/// <summary>A token's way from a signed request to those who check it.</summary>
public sealed class TokenTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Token_SignedWithV2_VerifiesWithItsClaims()
    {
        var user = SignedRequests.NewUser();
        var issued = await platform.IssueAsync(platform.Bootstrap, user, Cancellation);
        var (status, verified) = await platform.VerifyAsync(platform.Bootstrap, issued.Text("access_token"), Cancellation);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.True(verified.GetProperty("valid").GetBoolean());
        Assert.Equal(platform.Bootstrap.ClientId, verified.Text("client_id"));
        Assert.Equal(issued.Text("kid"), verified.Text("kid"));
        Assert.Equal(issued.Text("session_id"), verified.Text("session_id"));
        Assert.InRange(verified.GetProperty("expires_in").GetInt32(), 270, 300);
        var payload = verified.GetProperty("payload");
        Assert.Equal(
            (user, user, "access", platform.Bootstrap.ClientId, platform.Bootstrap.ClientId),
            (payload.Text("sub"), payload.Text("unique_key"), payload.Text("typ"), payload.Text("client_id"), payload.Text("aud")));
        Assert.EndsWith($"/auth/{platform.Bootstrap.ClientId}", payload.Text("iss"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_SignedWithV1_HasTheOlderServicesMembers()
    {
        var (status, issued) = await platform.SendFreshAsync(
            () => SignedRequests.V1(platform.Bootstrap, "/auth/token", SignedRequests.TokenBody(SignedRequests.NewUser(), "loc_unknown", "203.0.113.7")), Cancellation);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("bearer", issued.Text("token_type"));
        Assert.NotEmpty(issued.Text("refresh_token"));

        // Old clients resend a question with the same signature; it is answered each time.
        var verify = SignedRequests.VerifyBody(issued.Text("access_token"));
        for (var i = 0; i < 3; i++)
        {
            (status, _) = await platform.SendFreshAsync(() => SignedRequests.V1(platform.Bootstrap, "/auth/verify", verify), Cancellation);
            Assert.Equal(HttpStatusCode.OK, status);
        }
    }

    [Fact]
    public async Task Token_CheckedOfflineByAnotherLibrary_VerifiesWithTheJwks()
    {
        var issued = await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation);
        var jwks = JwkSet.FromJson(await platform.Gateway.GetStringAsync($"/auth/{platform.Bootstrap.ClientId}/jwks", Cancellation), new JsonMapper());
        var headers = JWT.Headers(issued.Text("access_token"));
        var key = jwks.Single(k => k.KeyId == (string)headers["kid"]);

        var payload = JsonElement.Parse(JWT.Decode(issued.Text("access_token"), key, JwsAlgorithm.RS256));

        Assert.Equal(issued.Text("session_id"), payload.Text("sid"));
        Assert.Equal("at+jwt", headers["typ"]);
        Assert.Equal(["alg", "kid", "typ"], headers.Keys.Order());
    }

    [Fact]
    public async Task Token_ForTheSameUserDeviceAndAddress_ReplacesTheSession()
    {
        var user = SignedRequests.NewUser();
        var first = await platform.IssueAsync(platform.Bootstrap, user, Cancellation);
        var second = await platform.IssueAsync(platform.Bootstrap, user, Cancellation);

        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.VerifyAsync(platform.Bootstrap, first.Text("access_token"), Cancellation)).Status);
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(platform.Bootstrap, second.Text("access_token"), Cancellation)).Status);
    }

    [Fact]
    public async Task Token_FortySignInsAtOnce_LeaveOneLiveSession()
    {
        var user = SignedRequests.NewUser();
        var issued = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => platform.IssueAsync(platform.Bootstrap, user, Cancellation)));
        var answers = await Task.WhenAll(issued.Select(i => platform.VerifyAsync(platform.Bootstrap, i.Text("access_token"), Cancellation)));

        Assert.Equal((1, 39), (answers.Count(a => a.Status == HttpStatusCode.OK), answers.Count(a => a.Status == HttpStatusCode.Unauthorized)));
    }

    [Fact]
    public async Task Token_WithScopeAndClaims_CarriesThem()
    {
        var body = $$$"""{"unique_key":"{{{SignedRequests.NewUser()}}}","scope":"read write","claims":{"roles":["editor"],"이름":"철수"}}""";
        var (_, issued) = await platform.SendSignedAsync(platform.Bootstrap, "/auth/token", () => body, Cancellation);
        var (_, verified) = await platform.VerifyAsync(platform.Bootstrap, issued.Text("access_token"), Cancellation);

        var payload = verified.GetProperty("payload");
        Assert.Equal("read write", issued.Text("scope"));
        Assert.Equal(("read write", "editor", "철수"), (payload.Text("scope"), payload.GetProperty("roles")[0].GetString(), payload.Text("이름")));
    }

    [Fact]
    public async Task Token_InTheSeedProfile_HasTheOlderShape()
    {
        var application = await platform.CreateApplicationAsync(a => a.ClaimsProfile = ClaimsProfiles.Seed, Cancellation);
        var user = SignedRequests.NewUser();
        var issued = await platform.IssueAsync(application, user, Cancellation);
        var (status, verified) = await platform.VerifyAsync(application, issued.Text("access_token"), Cancellation);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("JWT", JWT.Headers(issued.Text("access_token"))["typ"]);
        Assert.Equal((application.ClientId, user), (verified.GetProperty("payload").Text("sub"), verified.GetProperty("payload").Text("unique_key")));
    }

    /// <summary>In a token, some characters are longer than in the request: what would be refused everywhere is not issued.</summary>
    [Theory]
    [InlineData('a', HttpStatusCode.OK)]
    [InlineData('\u007f', HttpStatusCode.BadRequest)]
    public async Task Token_WithTheLongestClaims_IsOneThatVerifiesOrNone(char filling, HttpStatusCode expected)
    {
        var body = $$$"""{"unique_key":"{{{SignedRequests.NewUser()}}}","claims":{"n":"{{{new string(filling, 2000)}}}"},"scope":"{{{new string('s', 1000)}}}"}""";
        var (status, answer) = await platform.SendSignedAsync(platform.Bootstrap, "/auth/token", () => body, Cancellation);

        Assert.Equal(expected, status);
        if (expected == HttpStatusCode.OK)
        {
            Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(platform.Bootstrap, answer.Text("access_token"), Cancellation)).Status);
        }
        else
        {
            Assert.Contains("more than 8192 characters", answer.Text("detail"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Answer_WithATokenInIt_IsNeverStored()
    {
        using var response = await platform.Gateway.SendFreshAsync(
            () => SignedRequests.V2(platform.Bootstrap, "/auth/token", SignedRequests.TokenBody(SignedRequests.NewUser())), Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.Headers.CacheControl?.NoStore);
        Assert.Contains("no-cache", response.Headers.Pragma.ToString(), StringComparison.Ordinal);
    }
}
