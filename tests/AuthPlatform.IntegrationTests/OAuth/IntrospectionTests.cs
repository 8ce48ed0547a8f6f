using System.Net;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.OAuth;

/// <summary>What introspection tells, and to whom.</summary>
public sealed class IntrospectionTests(AuthPlatformFixture platform)
{
    private const string Inactive = """{"active":false}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Introspect_OfAnAccessToken_GivesItsClaims()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var user = SignedRequests.NewUser();
        var (_, issued) = await platform.SendSignedAsync(
            application, "/auth/token", () => $$$"""{"unique_key":"{{{user}}}","scope":"read write","claims":{"active":false,"token_type":"mac","role":"editor"}}""", Cancellation);

        var (status, answer) = await platform.CallAsync(application, application, "introspect", Cancellation, ("token", issued.Text("access_token")), ("token_type_hint", "access_token"));

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(("True", "bearer", "editor", "read write"), (answer.Text("active"), answer.Text("token_type"), answer.Text("role"), answer.Text("scope")));
        Assert.Equal((user, application.ClientId, application.ClientId), (answer.Text("sub"), answer.Text("client_id"), answer.Text("aud")));
        Assert.Equal(issued.Text("session_id"), answer.Text("sid"));
        Assert.True(answer.GetProperty("exp").GetInt64() > answer.GetProperty("iat").GetInt64());
        Assert.Single(answer.EnumerateObject(), m => m.Name == "active");
    }

    [Theory]
    [InlineData(RefreshFormats.Opaque)]
    [InlineData(RefreshFormats.Jwt)]
    public async Task Introspect_OfARefreshToken_SaysWhetherItWouldBeTakenAndUsesNothingUp(string format)
    {
        var application = await platform.CreateApplicationAsync(a => a.RefreshFormat = format, Cancellation);
        var user = SignedRequests.NewUser();
        var issued = await platform.IssueAsync(application, user, Cancellation);
        var old = issued.Text("refresh_token");

        var answer = await IntrospectAsync(application, old);
        Assert.Equal(("True", "refresh", user, "0"), (answer.Text("active"), answer.Text("typ"), answer.Text("sub"), answer.Text("gen")));

        var refreshed = await platform.RefreshAsync(application, old, Cancellation);
        Assert.Equal("1", (await IntrospectAsync(application, refreshed.Text("refresh_token"))).Text("gen"));
        Assert.True((await IntrospectAsync(application, old)).GetProperty("active").GetBoolean());

        await platform.AgeSessionAsync(issued.Text("session_id"), 31, Cancellation);
        Assert.Equal(Inactive, (await IntrospectAsync(application, old)).ToString());
        // Somebody who looks at an old token is no thief who uses it.
        Assert.True((await IntrospectAsync(application, refreshed.Text("refresh_token"))).GetProperty("active").GetBoolean());
    }

    /// <summary>The row of a session stays for some minutes beyond its end, and a JWT says another end than the session has here.</summary>
    [Theory]
    [InlineData(RefreshFormats.Opaque)]
    [InlineData(RefreshFormats.Jwt)]
    public async Task Introspect_OfARefreshTokenWhoseSessionIsOver_IsInactive(string format)
    {
        var application = await platform.CreateApplicationAsync(a => a.RefreshFormat = format, Cancellation);
        var issued = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
        Assert.True((await IntrospectAsync(application, issued.Text("refresh_token"))).GetProperty("active").GetBoolean());

        await platform.AgeSessionAsync(issued.Text("session_id"), (7 * 86_400) + 1, Cancellation);

        Assert.Equal(Inactive, (await IntrospectAsync(application, issued.Text("refresh_token"))).ToString());
    }

    [Fact]
    public async Task Introspect_OfATokenOfAnEndedSession_IsInactive()
    {
        var issued = await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation);
        await platform.CallAsync(platform.Bootstrap, platform.Bootstrap, "revoke", Cancellation, ("token", issued.Text("refresh_token")));

        Assert.Equal(Inactive, (await IntrospectAsync(platform.Bootstrap, issued.Text("access_token"))).ToString());
        Assert.Equal(Inactive, (await IntrospectAsync(platform.Bootstrap, issued.Text("refresh_token"))).ToString());
    }

    [Fact]
    public async Task Introspect_OfWhatIsNoGoodToken_IsExactlyInactive()
    {
        var token = (await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation)).Text("access_token");
        var segments = token.Split('.');
        foreach (var bad in new[]
        {
            "x",
            "rt_",
            "rt_" + new string('A', 70),
            "\0",
            "철수",
            $"{segments[0]}.{segments[1]}.",
            $"{segments[0]}.{segments[1]}.{new string('A', segments[2].Length)}",
            $"eyJhbGciOiJub25lIn0.{segments[1]}.",
            token + "=",
            token + ".x.y",
            new string('a', 20_000),
        })
        {
            using var request = OAuthRequests.Form($"/auth/{platform.Bootstrap.ClientId}/oauth2/introspect", ("token", bad)).WithBasic(platform.Bootstrap);
            using var response = await platform.Gateway.SendAsync(request, Cancellation);
            Assert.Equal(bad == "\0" ? HttpStatusCode.BadRequest : HttpStatusCode.OK, response.StatusCode);
            Assert.True(response.Headers.CacheControl?.NoStore);
            if (bad != "\0")
            {
                Assert.Equal(Inactive, await response.Content.ReadAsStringAsync(Cancellation));
            }
        }
    }

    [Fact]
    public async Task Introspect_BySomeoneElse_TellsNothing()
    {
        var stranger = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var disabled = await platform.CreateApplicationAsync(a => a.Enabled = false, Cancellation);
        var issued = await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation);
        foreach (var token in new[] { issued.Text("access_token"), issued.Text("refresh_token") })
        {
            // At its own issuer it is no token; at the other's it is no client; and it is nobody without its secret.
            Assert.Equal(Inactive, (await IntrospectAsync(stranger, token)).ToString());
            foreach (var caller in new[] { stranger, disabled, platform.Bootstrap with { Secret = stranger.Secret }, new TestApplication("nobody", "x") })
            {
                var (status, error) = await platform.CallAsync(caller, platform.Bootstrap, "introspect", Cancellation, ("token", token));
                Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client"), (status, error.Text("error")));
            }

            Assert.Equal(HttpStatusCode.Unauthorized, (await platform.CallAsync(stranger, disabled, "introspect", Cancellation, ("token", token))).Status);
            Assert.Equal(HttpStatusCode.Unauthorized, (await platform.CallAsync(stranger, new TestApplication("nobody", "x"), "introspect", Cancellation, ("token", token))).Status);
        }
    }

    private async Task<System.Text.Json.JsonElement> IntrospectAsync(TestApplication application, string token)
    {
        var (status, answer) = await platform.CallAsync(application, application, "introspect", Cancellation, ("token", token));
        Assert.Equal(HttpStatusCode.OK, status);
        return answer;
    }
}
