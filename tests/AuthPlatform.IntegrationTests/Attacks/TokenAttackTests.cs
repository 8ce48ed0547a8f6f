using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Json;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Attacks;

/// <summary>
/// Every class of attack on JWTs (RFC 8725) at every endpoint that takes a token: refused in one way, nobody asked, no harm done to the session that the token is about,
/// and nothing in the log that would wake somebody up.
/// </summary>
public sealed class TokenAttackTests(AuthPlatformFixture platform, AttackTarget target) : IClassFixture<AttackTarget>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public Task Headers_ThatThePlatformNeverWrites_AreRefused() => AssertRefusedAsync((payload, type) => HostileHeaders.All(target.Key, payload, type, target.OtherKid, target.Trap.Address));

    [Fact]
    public Task Signatures_ThatAreNotTheKeys_AreRefused() => AssertRefusedAsync((payload, type) => HostileSignatures.All(target.Key, payload, type, target.Jwks));

    [Fact]
    public Task Spellings_OtherThanTheCanonical_AreRefused() => AssertRefusedAsync((payload, type) => HostileSpellings.All(target.Key, payload, type));

    [Fact]
    public Task Claims_ThatThePlatformNeverWrites_AreRefused() => AssertRefusedAsync((payload, type) => HostileClaims.All(target.Key, payload, type, platform.Bootstrap, target.Trap.Address));

    /// <summary>They were good once: a key that has left the JWKS, by time or because it was revoked, is as good as one that never was.</summary>
    [Fact]
    public async Task Keys_ThatAreNoLongerPublished_AreNoKeys()
    {
        var application = await platform.CreateApplicationAsync(a => a.RefreshFormat = RefreshFormats.Jwt, Cancellation);
        using var revoked = await PublishedKey.AddAsync(platform, application, Cancellation);
        using var retired = await PublishedKey.AddAsync(platform, application, Cancellation);
        var issued = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
        var (access, refresh) = (Payload(issued.Text("access_token")), Payload(issued.Text("refresh_token")));
        foreach (var key in (PublishedKey[])[revoked, retired])
        {
            Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(application, key.Sign(key.Header("at+jwt"), access), Cancellation)).Status);
        }

        using var keyManager = platform.CreateKeyManagerClient();
        using var answer = await keyManager.PostAsync($"/internal/applications/{application.ClientId}/keys/{revoked.Kid}/revoke", null, Cancellation);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await using var clock = new KeyClock(platform, application.ClientId);
        await clock.AdvanceAsync(TimeSpan.FromHours(2), Cancellation);
        foreach (var key in (PublishedKey[])[revoked, retired])
        {
            Assert.DoesNotContain(key.Kid, await platform.Gateway.GetStringAsync($"/auth/{application.ClientId}/jwks", Cancellation), StringComparison.Ordinal);
            await Eventually.RefusedByAllAsync(platform, application, key.Sign(key.Header("at+jwt"), access), Cancellation);
        }

        var endpoints = new TokenEndpoints(platform, application);
        await endpoints.AssertNoAccessTokensAsync(Signed("at+jwt", access), Cancellation);
        await endpoints.AssertNoRefreshTokensAsync(Signed("rt+jwt", refresh), Cancellation);
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(application, issued.Text("access_token"), Cancellation)).Status);
        await platform.RefreshAsync(application, issued.Text("refresh_token"), Cancellation);

        // All of one shape: nobody learns which of them were keys once.
        HostileToken[] Signed(string type, string payload) =>
        [
            new("retired", retired.Sign(retired.Header(type), payload)),
            new("revoked", revoked.Sign(revoked.Header(type), payload)),
            new("never there", retired.Sign(retired.Header(type).Replace(retired.Kid, $"20260101-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow())}", StringComparison.Ordinal), payload)),
        ];
    }

    [Fact]
    public async Task Token_BeyondItsLifetime_IsExpiredAndCanStillBeRevoked()
    {
        var now = SignedRequests.Now();
        var claims = HostileClaims.With(Payload((await IssueAsync()).Text("access_token")), ("iat", $"{now - 300}"), ("nbf", $"{now - 300}"), ("exp", $"{now - 31}"));
        var expired = target.Key.Sign(target.Key.Header("at+jwt"), claims);

        var (status, problem) = await platform.VerifyAsync(target.Application, expired, Cancellation);
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_token", HostileToken.Expired), (status, problem.Text("error"), problem.Text("detail")));
        var (_, introspected) = await platform.CallAsync(target.Application, target.Application, "introspect", Cancellation, ("token", expired));
        Assert.Equal("""{"active":false}""", introspected.ToString());
        var (_, revoked) = await platform.SendSignedAsync(target.Application, "/auth/revoke", () => SignedRequests.VerifyBody(expired), Cancellation);
        Assert.Equal(("True", "1"), (revoked.Text("revoked"), revoked.Text("deleted_count")));
    }

    [Fact]
    public async Task Token_OfAMegabyte_IsTooLargeForAnyEndpoint()
    {
        var token = new string('a', 1024 * 1024);
        HttpRequestMessage[] requests =
        [
            .. ((string[])["/auth/verify", "/auth/refresh", "/auth/revoke"]).Select(path => SignedRequests.V2(platform.Bootstrap, path, SignedRequests.VerifyBody(token))),
            .. ((string[])["introspect", "revoke", "token"])
                .Select(endpoint => OAuthRequests.Form($"/auth/{platform.Bootstrap.ClientId}/oauth2/{endpoint}", ("token", token), ("refresh_token", token), ("grant_type", "refresh_token")).WithBasic(platform.Bootstrap)),
        ];
        foreach (var request in requests)
        {
            // Otherwise the answer comes while the body is still being sent, and may be lost with the connection.
            request.Headers.ExpectContinue = true;
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await platform.SendAsync(request, Cancellation)).Status);
        }
    }

    private async Task AssertRefusedAsync(Func<string, string, IEnumerable<HostileToken>> make)
    {
        var issued = await IssueAsync();
        var endpoints = new TokenEndpoints(platform, target.Application);

        await endpoints.AssertNoAccessTokensAsync([.. make(Payload(issued.Text("access_token")), "at+jwt")], Cancellation);
        await endpoints.AssertNoRefreshTokensAsync([.. make(Payload(issued.Text("refresh_token")), "rt+jwt")], Cancellation);

        await target.Trap.AssertEmptyAsync(Cancellation);
        // The session that all of them were about lives on, its refresh token is still the current one.
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(target.Application, issued.Text("access_token"), Cancellation)).Status);
        await platform.RefreshAsync(target.Application, issued.Text("refresh_token"), Cancellation);
    }

    /// <summary>Tokens of a session; with nothing wrong about them, the like of them are taken from the target's key too.</summary>
    private async Task<JsonElement> IssueAsync()
    {
        var issued = await platform.IssueAsync(target.Application, SignedRequests.NewUser(), Cancellation);
        var (access, refresh) = (target.Key.Sign(target.Key.Header("at+jwt"), Payload(issued.Text("access_token"))), target.Key.Sign(target.Key.Header("rt+jwt"), Payload(issued.Text("refresh_token"))));
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(target.Application, access, Cancellation)).Status);
        var (_, refreshable) = await platform.CallAsync(target.Application, target.Application, "introspect", Cancellation, ("token", refresh));
        Assert.Equal("True", refreshable.Text("active"));
        return issued;
    }

    private static string Payload(string token) => Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token.Split('.')[1]));
}
