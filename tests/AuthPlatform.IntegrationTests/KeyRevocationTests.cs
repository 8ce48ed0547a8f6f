using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests;

/// <summary>The emergency: a key that somebody else may have.</summary>
public sealed class KeyRevocationTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Revoke_OfTheActiveKey_RefusesAllItSignedEverywhereAndIssuingGoesOn()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var issued = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
        foreach (var replica in platform.TokenApis)
        {
            var (status, _) = await AuthPlatformFixture.SendFreshAsync(
                replica, () => SignedRequests.V2(application, "/auth/verify", SignedRequests.VerifyBody(issued.Text("access_token"))), Cancellation);
            Assert.Equal(HttpStatusCode.OK, status);
        }

        using var keyManager = platform.CreateKeyManagerClient();
        var revoked = await RevokeAsync(keyManager, application, issued.Text("kid"));

        Assert.Equal("active", revoked.Text("state"));
        var jwks = await platform.Gateway.GetStringAsync($"/auth/{application.ClientId}/jwks", Cancellation);
        Assert.DoesNotContain(issued.Text("kid"), jwks, StringComparison.Ordinal);
        Assert.Contains(revoked.Text("active_kid"), jwks, StringComparison.Ordinal);
        Assert.Contains(revoked.Text("next_kid"), jwks, StringComparison.Ordinal);
        var elapsed = await Eventually.RefusedByAllAsync(platform, application, issued.Text("access_token"), Cancellation);
        TestContext.Current.TestOutputHelper?.WriteLine($"refused by all after {elapsed.TotalMilliseconds:0} ms");

        var fresh = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
        Assert.Equal(revoked.Text("active_kid"), fresh.Text("kid"));
        Assert.Equal(HttpStatusCode.OK, (await platform.VerifyAsync(application, fresh.Text("access_token"), Cancellation)).Status);

        var again = await RevokeAsync(keyManager, application, issued.Text("kid"));
        Assert.Equal(("revoked", revoked.Text("next_kid")), (again.Text("state"), again.Text("next_kid")));
        await using var keys = await platform.OpenKeysDatabaseAsync(Cancellation);
        var row = await keys.SigningKeys.SingleAsync(k => k.Kid == issued.Text("kid"), Cancellation);
        Assert.Null(row.PrivateKeyEncrypted);
    }

    [Fact]
    public async Task Revoke_OfTheNextKey_AnnouncesAnother()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var (active, next) = await KidsAsync(application);

        using var keyManager = platform.CreateKeyManagerClient();
        var revoked = await RevokeAsync(keyManager, application, next);

        Assert.Equal(("next", active), (revoked.Text("state"), revoked.Text("active_kid")));
        Assert.Equal((active, revoked.Text("next_kid")), await KidsAsync(application));
        Assert.NotEqual(next, revoked.Text("next_kid"));
    }

    /// <summary>The key that was to take over has, or is gone; the one announced in its place is too new to follow within minutes, for verifiers would not know it.</summary>
    [Theory]
    [InlineData("active", HttpStatusCode.OK)]
    [InlineData("next", HttpStatusCode.Conflict)]
    public async Task Revoke_WhileARotationIsToCome_CallsItOffAndRepeatsNoPromiseOfIt(string state, HttpStatusCode repeated)
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        using var keyManager = platform.CreateKeyManagerClient();
        await using var clock = new KeyClock(platform, application.ClientId);
        await RotateAsync(keyManager, application, new KeyRotationRequest(null, "first", OnlyIfRepeated: false));
        await clock.AdvanceAsync(TimeSpan.FromSeconds(61), Cancellation);
        var (_, promised) = await RotateAsync(keyManager, application, new KeyRotationRequest(null, "second", OnlyIfRepeated: false));
        Assert.Equal("The key will be rotated", promised.Text("message"));

        var revoked = await RevokeAsync(keyManager, application, promised.Text(state == "active" ? "old_kid" : "new_kid"));

        Assert.Equal((state, promised.Text(state == "active" ? "new_kid" : "old_kid")), (revoked.Text("state"), revoked.Text("active_kid")));
        var listing = JsonElement.Parse(await keyManager.GetStringAsync($"/internal/applications/{application.ClientId}/keys", Cancellation));
        Assert.InRange(listing.GetProperty("rotates_at").GetDateTimeOffset() - TimeProvider.System.GetUtcNow(), TimeSpan.FromDays(89), TimeSpan.FromDays(90));
        var (status, again) = await RotateAsync(keyManager, application, new KeyRotationRequest(null, "second", OnlyIfRepeated: true));
        Assert.Equal(repeated, status);
        Assert.Equal(repeated == HttpStatusCode.OK, again.GetRawText() == promised.GetRawText());
    }

    [Theory]
    [InlineData("POST", "keys/none/revoke", HttpStatusCode.NotFound)]
    [InlineData("POST", "rotate", HttpStatusCode.BadRequest)]
    [InlineData("PUT", "key-settings", HttpStatusCode.BadRequest)]
    public async Task InternalRoute_WithNothingToDo_SaysSo(string method, string path, HttpStatusCode expected)
    {
        using var keyManager = platform.CreateKeyManagerClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), $"/internal/applications/{platform.Bootstrap.ClientId}/{path}") { Content = new StringContent("[1]") };
        using var response = await keyManager.SendAsync(request, Cancellation);
        Assert.Equal(expected, response.StatusCode);

        // Not without the secret, whatever is asked.
        using var stranger = platform.App.CreateHttpClient(ResourceNames.KeyManager);
        using var unproven = new HttpRequestMessage(request.Method, request.RequestUri);
        using var refused = await stranger.SendAsync(unproven, Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task Listing_OfKeys_ShowsStatesAndSettingsAndNothingSecret()
    {
        using var keyManager = platform.CreateKeyManagerClient();
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        using var changed = await keyManager.PutAsJsonAsync($"/internal/applications/{application.ClientId}/key-settings", new { retain_seconds = 5000 }, Cancellation);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);

        var json = await keyManager.GetStringAsync($"/internal/applications/{application.ClientId}/keys", Cancellation);
        var listing = JsonElement.Parse(json);

        Assert.Equal(5000, listing.GetProperty("settings").GetProperty("retain_seconds").GetInt32());
        Assert.Equal(["next", "active"], listing.GetProperty("keys").EnumerateArray().Select(k => k.Text("state")));
        Assert.DoesNotContain("private", json, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<JsonElement> RevokeAsync(HttpClient keyManager, TestApplication application, string kid)
    {
        using var response = await keyManager.PostAsync($"/internal/applications/{application.ClientId}/keys/{kid}/revoke", null, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.ReadJsonAsync(Cancellation);
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> RotateAsync(HttpClient keyManager, TestApplication application, KeyRotationRequest request)
    {
        using var response = await keyManager.PostAsJsonAsync($"/internal/applications/{application.ClientId}/rotate", request, KeyContractsJson.Default.KeyRotationRequest, Cancellation);
        return (response.StatusCode, await response.ReadJsonAsync(Cancellation));
    }

    private async Task<(string Active, string Next)> KidsAsync(TestApplication application)
    {
        var keys = JsonElement.Parse(await platform.Gateway.GetStringAsync($"/auth/{application.ClientId}/jwks", Cancellation)).GetProperty("keys");
        return (keys[1].Text("kid"), keys[0].Text("kid"));
    }
}
