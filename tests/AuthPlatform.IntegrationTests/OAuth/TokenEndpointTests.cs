using System.Net;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.OAuth;

/// <summary>The grants of the token endpoint, and the revocation of what they gave.</summary>
public sealed class TokenEndpointTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ClaimsProfiles.Rfc9068)]
    [InlineData(ClaimsProfiles.Seed)]
    public async Task ClientCredentials_Granted_AreATokenWithoutUserAndSession(string profile)
    {
        var application = await platform.CreateApplicationAsync(a => a.ClaimsProfile = profile, Cancellation);
        var (status, granted) = await platform.CallAsync(application, application, "token", Cancellation, ("grant_type", "client_credentials"), ("scope", "jobs:run jobs:read"));

        Assert.Equal((HttpStatusCode.OK, "bearer", "jobs:run jobs:read"), (status, granted.Text("token_type"), granted.Text("scope")));
        Assert.InRange(granted.GetProperty("expires_in").GetInt32(), 285, 300);
        Assert.False(granted.TryGetProperty("refresh_token", out _));

        (status, var verified) = await platform.VerifyAsync(application, granted.Text("access_token"), Cancellation);
        var payload = verified.GetProperty("payload");
        Assert.Equal((HttpStatusCode.OK, string.Empty), (status, verified.Text("session_id")));
        Assert.Equal((application.ClientId, application.ClientId, "jobs:run jobs:read"), (payload.Text("sub"), payload.Text("client_id"), payload.Text("scope")));
        Assert.Equal(7, payload.GetProperty("jti").GetGuid().Version);
        Assert.DoesNotContain(payload.EnumerateObject(), c => c.Name is "sid" or "gen" or "unique_key");
    }

    [Theory]
    [InlineData("revoke")]
    [InlineData("/auth/revoke")]
    public async Task ClientCredentials_Revoked_DieAloneAndAtOnce(string by)
    {
        var first = await GrantAsync(platform.Bootstrap);
        var second = await GrantAsync(platform.Bootstrap);

        if (by == "revoke")
        {
            await platform.CallAsync(platform.Bootstrap, platform.Bootstrap, "revoke", Cancellation, ("token", first));
        }
        else
        {
            var (_, answer) = await platform.SendSignedAsync(platform.Bootstrap, by, () => SignedRequests.VerifyBody(first), Cancellation);
            Assert.Equal("True", answer.Text("revoked"));
        }

        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.VerifyAsync(platform.Bootstrap, first, Cancellation)).Status);
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(platform.Bootstrap, second, Cancellation)).Status);
    }

    /// <summary>Each character of the audience is twelve in the token, which would be longer than any that is taken.</summary>
    [Fact]
    public async Task ClientCredentials_ThatWouldBeTooLong_AreNotGranted()
    {
        var application = await platform.CreateApplicationAsync(a => a.Audience = string.Concat(Enumerable.Repeat("\U0001F600", 500)), Cancellation);
        var (status, error) = await platform.CallAsync(application, application, "token", Cancellation, ("grant_type", "client_credentials"));

        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (status, error.Text("error")));
        Assert.Contains("more than 8192 characters", error.Text("error_description"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ClientCredentials_AtRefresh_AreNoRefreshToken()
    {
        var token = await GrantAsync(platform.Bootstrap);
        var (status, problem) = await platform.TryRefreshAsync(platform.Bootstrap, token, Cancellation);
        Assert.Equal((HttpStatusCode.Unauthorized, "Invalid token type"), (status, problem.Text("detail")));

        (status, problem) = await platform.CallAsync(platform.Bootstrap, platform.Bootstrap, "token", Cancellation, ("grant_type", "refresh_token"), ("refresh_token", token));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_grant"), (status, problem.Text("error")));
    }

    [Theory]
    [InlineData(RefreshFormats.Opaque)]
    [InlineData(RefreshFormats.Jwt)]
    public async Task RefreshToken_Granted_MovesTheSessionOn(string format)
    {
        var application = await platform.CreateApplicationAsync(a => a.RefreshFormat = format, Cancellation);
        var issued = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);

        var (status, refreshed) = await RefreshAsync(application, issued.Text("refresh_token"));
        var (_, again) = await RefreshAsync(application, issued.Text("refresh_token"));

        Assert.Equal((HttpStatusCode.OK, issued.Text("session_id")), (status, refreshed.Text("session_id")));
        Assert.Equal(refreshed.Text("refresh_token"), again.Text("refresh_token"));
        await platform.AgeSessionAsync(issued.Text("session_id"), 31, Cancellation);
        (status, var error) = await RefreshAsync(application, issued.Text("refresh_token"));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_grant"), (status, error.Text("error")));
        (status, error) = await RefreshAsync(application, refreshed.Text("refresh_token"));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_grant"), (status, error.Text("error")));
    }

    [Fact]
    public async Task RefreshToken_WithAScope_GetsNoMoreThanWasGranted()
    {
        var (_, issued) = await platform.SendSignedAsync(
            platform.Bootstrap, "/auth/token", () => $$"""{"unique_key":"{{SignedRequests.NewUser()}}","scope":"read write"}""", Cancellation);
        var token = issued.Text("refresh_token");

        foreach (var scope in new[] { "admin", "read admin", "READ" })
        {
            var (status, error) = await RefreshAsync(platform.Bootstrap, token, ("scope", scope));
            Assert.Equal((HttpStatusCode.BadRequest, "invalid_scope"), (status, error.Text("error")));
        }

        // Asking for too much did not use the token up.
        var (_, refreshed) = await RefreshAsync(platform.Bootstrap, token, ("scope", "write"));
        Assert.Equal(("read write", "1"), (refreshed.Text("scope"), await GenerationAsync(refreshed.Text("access_token"))));
    }

    [Fact]
    public async Task RefreshToken_OfAnotherApplicationOrType_IsAnInvalidGrantAndHarmsNobody()
    {
        var other = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var issued = await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation);
        foreach (var token in new[] { issued.Text("refresh_token"), issued.Text("access_token"), "rt_x", "x", new string('a', 20_000) })
        {
            var (status, error) = await RefreshAsync(other, token);
            Assert.Equal((HttpStatusCode.BadRequest, "invalid_grant"), (status, error.Text("error")));
            Assert.Equal(HttpStatusCode.OK, (await platform.CallAsync(other, other, "revoke", Cancellation, ("token", token), ("token_type_hint", "refresh_token"))).Status);
        }

        var (own, error2) = await RefreshAsync(platform.Bootstrap, issued.Text("access_token"));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_grant"), (own, error2.Text("error")));
        Assert.Equal(HttpStatusCode.OK, (await RefreshAsync(platform.Bootstrap, issued.Text("refresh_token"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(platform.Bootstrap, issued.Text("access_token"), Cancellation)).Status);
    }

    [Theory]
    [InlineData("access_token", "refresh_token")]
    [InlineData("refresh_token", "nonsense")]
    public async Task Revoke_WithAWrongHint_EndsTheSessionAllTheSame(string which, string hint)
    {
        var issued = await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation);
        var (status, body) = await platform.CallAsync(platform.Bootstrap, platform.Bootstrap, "revoke", Cancellation, ("token", issued.Text(which)), ("token_type_hint", hint));

        Assert.Equal((HttpStatusCode.OK, System.Text.Json.JsonValueKind.Undefined), (status, body.ValueKind));
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.VerifyAsync(platform.Bootstrap, issued.Text("access_token"), Cancellation)).Status);
        // Once more: it is gone, which is what the client wants.
        Assert.Equal(HttpStatusCode.OK, (await platform.CallAsync(platform.Bootstrap, platform.Bootstrap, "revoke", Cancellation, ("token", issued.Text(which)))).Status);
    }

    private async Task<string> GrantAsync(TestApplication application)
    {
        var (status, granted) = await platform.CallAsync(application, application, "token", Cancellation, ("grant_type", "client_credentials"));
        Assert.Equal(HttpStatusCode.OK, status);
        return granted.Text("access_token");
    }

    private Task<(HttpStatusCode Status, System.Text.Json.JsonElement Body)> RefreshAsync(TestApplication application, string token, params (string, string)[] more) =>
        platform.CallAsync(application, application, "token", Cancellation, [("grant_type", "refresh_token"), ("refresh_token", token), .. more]);

    private async Task<string> GenerationAsync(string accessToken) =>
        (await platform.VerifyAsync(platform.Bootstrap, accessToken, Cancellation)).Body.GetProperty("payload").Text("gen");
}
