using System.Net;
using System.Text.Json;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Attacks;

/// <summary>Good tokens in the wrong hands or the wrong place.</summary>
public sealed class CrossApplicationTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ClaimsProfiles.Rfc9068, RefreshFormats.Opaque)]
    [InlineData(ClaimsProfiles.Seed, RefreshFormats.Jwt)]
    public async Task Tokens_AtAnotherApplication_AreNone(string profile, string format)
    {
        // The other one is alike in all, and named as its resource server by neither.
        var owner = await platform.CreateApplicationAsync(Configure, Cancellation);
        var thief = await platform.CreateApplicationAsync(Configure, Cancellation);
        var user = SignedRequests.NewUser();
        var issued = await platform.IssueAsync(owner, user, Cancellation);
        var own = await platform.IssueAsync(thief, user, Cancellation);
        var (_, granted) = await platform.CallAsync(owner, owner, "token", Cancellation, ("grant_type", "client_credentials"));
        var (access, refresh, client) = (issued.Text("access_token"), issued.Text("refresh_token"), granted.Text("access_token"));

        var endpoints = new TokenEndpoints(platform, thief);
        await endpoints.AssertNoAccessTokensAsync([new("access", access), new("client's", client)], Cancellation);
        await endpoints.AssertNoAccessTokensAsync([new("refresh", refresh, format == RefreshFormats.Jwt ? HostileToken.WrongType : HostileToken.Invalid)], Cancellation);
        await endpoints.AssertNoRefreshTokensAsync([new("refresh", refresh)], Cancellation);
        await endpoints.AssertNoRefreshTokensAsync([new("access", access, HostileToken.WrongType), new("client's", client, HostileToken.WrongType)], Cancellation);

        // Nor is either of the thief's own good for the other.
        var (status, problem) = await platform.VerifyAsync(thief, own.Text("refresh_token"), Cancellation);
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_token", HostileToken.WrongType), (status, problem.Text("error"), problem.Text("detail")));
        (status, problem) = await platform.TryRefreshAsync(thief, own.Text("access_token"), Cancellation);
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_grant", HostileToken.WrongType), (status, problem.Text("error"), problem.Text("detail")));

        // Neither has harmed the owner, nor taken anything from the thief's session of the same user.
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(owner, access, Cancellation)).Status);
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(owner, client, Cancellation)).Status);
        await platform.RefreshAsync(owner, refresh, Cancellation);
        await platform.RefreshAsync(thief, own.Text("refresh_token"), Cancellation);

        void Configure(Application application) => (application.ClaimsProfile, application.RefreshFormat) = (profile, format);
    }

    /// <summary>One application's key speaks for nobody else, whomever its tokens name: not at the one they name, and not at a resource server of both.</summary>
    [Fact]
    public async Task Key_OfAnotherApplication_SpeaksForNobodyElse()
    {
        var server = platform.Bootstrap;
        var victim = await platform.CreateApplicationAsync(Configure, Cancellation);
        var attacker = await platform.CreateApplicationAsync(Configure, Cancellation);
        using var key = await PublishedKey.AddAsync(platform, attacker, Cancellation);
        var issued = await platform.IssueAsync(victim, SignedRequests.NewUser(), Cancellation);
        var (access, refresh) = (Payload(issued.Text("access_token")), Payload(issued.Text("refresh_token")));
        var mine = HostileClaims.With(access, ("client_id", $"\"{attacker.ClientId}\""), ("iss", $"\"{JsonElement.Parse(access).Text("iss").Replace(victim.ClientId, attacker.ClientId, StringComparison.Ordinal)}\""), ("aud", $"\"{attacker.ClientId}\""));

        var header = key.Header("at+jwt");
        var stolenName = header.Replace(key.Kid, issued.Text("kid"), StringComparison.Ordinal);
        HostileToken[] forged =
        [
            new("the victim's claims", key.Sign(header, access)),
            new("the victim's claims and kid", key.Sign(stolenName, access)),
            new("the attacker's issuer only", key.Sign(header, HostileClaims.With(mine, ("client_id", $"\"{victim.ClientId}\"")))),
            new("the attacker's client_id only", key.Sign(header, HostileClaims.With(access, ("client_id", $"\"{attacker.ClientId}\"")))),
            new("the attacker's claims, the victim's issuer", key.Sign(header, HostileClaims.With(mine, ("iss", $"\"{JsonElement.Parse(access).Text("iss")}\"")))),
            new("for the victim's audience", key.Sign(header, HostileClaims.With(mine, ("aud", $"[\"{victim.ClientId}\",\"{server.ClientId}\"]")))),
        ];

        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(server, key.Sign(header, mine), Cancellation)).Status);
        await new TokenEndpoints(platform, server).AssertNoAccessTokensAsync(forged, Cancellation);
        await new TokenEndpoints(platform, attacker).AssertNoAccessTokensAsync([.. forged, new("the victim's own", issued.Text("access_token"))], Cancellation);
        await new TokenEndpoints(platform, victim).AssertNoAccessTokensAsync([.. forged, new("the attacker's own", key.Sign(header, mine))], Cancellation);
        await new TokenEndpoints(platform, victim).AssertNoRefreshTokensAsync(
            [new("the victim's claims", key.Sign(key.Header("rt+jwt"), refresh)), new("the victim's claims and kid", key.Sign(stolenName.Replace("at+jwt", "rt+jwt", StringComparison.Ordinal), refresh))], Cancellation);
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(victim, issued.Text("access_token"), Cancellation)).Status);

        void Configure(Application application) => (application.RefreshFormat, application.ResourceServers) = (RefreshFormats.Jwt, [server.ClientId]);
    }

    /// <summary>The id of a session is no secret: it stands in each of its tokens. Whoever has another application's key can name it in one of theirs, and revokes nothing by that.</summary>
    [Theory]
    [InlineData("sid")]
    [InlineData("jti")]
    public async Task Key_OfAnotherApplication_RevokesNobodyElsesSession(string claim)
    {
        var victim = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var attacker = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        using var key = await PublishedKey.AddAsync(platform, attacker, Cancellation);
        var issued = await platform.IssueAsync(victim, SignedRequests.NewUser(), Cancellation);
        var own = Payload((await platform.IssueAsync(attacker, SignedRequests.NewUser(), Cancellation)).Text("access_token"));
        var named = $"\"{issued.Text("session_id")}\"";
        var token = key.Sign(key.Header("at+jwt"), claim == "sid" ? HostileClaims.With(own, ("sid", named)) : HostileClaims.With(own, ("sid", null), ("gen", null), ("jti", named)));
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(attacker, token, Cancellation)).Status);

        var (status, answer) = await platform.SendSignedAsync(attacker, "/auth/revoke", () => SignedRequests.VerifyBody(token), Cancellation);

        Assert.Equal((HttpStatusCode.OK, "0"), (status, answer.Text("deleted_count")));
        await platform.RevocationsCopiedAsync(Cancellation);
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(victim, issued.Text("access_token"), Cancellation)).Status);
        var refreshed = await platform.RefreshAsync(victim, issued.Text("refresh_token"), Cancellation);
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(victim, refreshed.Text("access_token"), Cancellation)).Status);
    }

    private static string Payload(string token) => System.Text.Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1]));
}
