using System.Net;
using System.Text.Json.Nodes;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Attacks;

/// <summary>What an application, or its user through it, tries to have written into a token.</summary>
public sealed class ClaimAttackTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Names that somebody takes for the same are different users all the same: nothing is folded or normalised.</summary>
    [Fact]
    public async Task UniqueKeys_ThatLookAlike_AreDifferentUsers()
    {
        var user = SignedRequests.NewUser();
        string[] users =
        [
            $"\u00e9 {user}", $"e\u0301 {user}", $"\u00c9 {user}", $"E\u0301 {user}", $"\u00e9 {user} ", $" \u00e9 {user}", $"\u202e\u00e9 {user}", $"\u00e9\u200b {user}", $"\u00e9\u00a0{user}", $"\uff45\u0301 {user}", $"\u00e9 {user}\n",
        ];

        var issued = await Task.WhenAll(users.Select(u => platform.IssueAsync(platform.Bootstrap, u, Cancellation)));

        for (var i = 0; i < users.Length; i++)
        {
            var (status, verified) = await platform.VerifyAsync(platform.Bootstrap, issued[i].Text("access_token"), Cancellation);
            Assert.Equal((HttpStatusCode.OK, users[i]), (status, verified.GetProperty("payload").Text("sub")));
        }
    }

    [Fact]
    public async Task Claims_WithNamesThatMeanSomething_AreRefusedByName()
    {
        string[] names =
        [
            "iss", "sub", "aud", "exp", "nbf", "iat", "jti", "client_id", "unique_key", "typ", "sid", "gen", "scope", "kid", "azp", "nonce", "auth_time", "acr", "amr", "at_hash", "c_hash", "act", "may_act", "cnf", "events",
            "__proto__", "constructor", "prototype",
        ];
        foreach (var name in names)
        {
            var body = $$$$"""{"unique_key":"u","claims":{"a":1,"{{{{name}}}}":{"polluted":true}}}""";
            var escaped = body.Replace($"\"{name}\"", $"\"\\u{(int)name[0]:x4}{name[1..]}\"", StringComparison.Ordinal);
            foreach (var spelling in (string[])[body, escaped])
            {
                var (status, problem) = await platform.SendSignedAsync(platform.Bootstrap, "/auth/token", () => spelling, Cancellation);
                Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (status, problem.Text("error")));
                Assert.Contains($"'{name}'", problem.Text("detail"), StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("""{"a":{"b":1,"b":2}}""")]
    [InlineData("""{"a":1,"\u0061":2}""")]
    [InlineData("""{"a":"\u0000"}""")]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("""{"a":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}""")]
    [InlineData("""[{"iss":"x"}]""")]
    [InlineData("\"iss\"")]
    public async Task Claims_ThatTwoParsersReadDifferently_AreRefused(string claims)
    {
        var (status, problem) = await platform.SendSignedAsync(platform.Bootstrap, "/auth/token", () => $$"""{"unique_key":"u","claims":{{claims}}}""", Cancellation);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (status, problem.Text("error")));
    }

    /// <summary>Whatever a value holds, it is a value: no claim of ours changes by it.</summary>
    [Fact]
    public async Task Texts_ThatLookLikeJson_StayTexts()
    {
        const string Injection = "\",\"client_id\":\"evil\",\"exp\":99999999999,\"x\":\"";
        var body = new JsonObject { ["unique_key"] = Injection, ["device"] = Injection, ["claims"] = new JsonObject { [Injection] = Injection, ["n"] = new JsonArray(Injection) } }.ToJsonString();
        var (status, issued) = await platform.SendSignedAsync(platform.Bootstrap, "/auth/token", () => body, Cancellation);
        Assert.Equal(HttpStatusCode.OK, status);

        var refreshed = await platform.RefreshAsync(platform.Bootstrap, issued.Text("refresh_token"), Cancellation);
        foreach (var token in (string[])[issued.Text("access_token"), refreshed.Text("access_token")])
        {
            var payload = (await platform.VerifyAsync(platform.Bootstrap, token, Cancellation)).Body.GetProperty("payload");
            Assert.Equal((Injection, Injection, platform.Bootstrap.ClientId, Injection, Injection), (payload.Text("sub"), payload.Text("unique_key"), payload.Text("client_id"), payload.Text(Injection), payload.GetProperty("n")[0].GetString()));
            Assert.False(payload.TryGetProperty("x", out _));
        }
    }
}
