using System.Buffers.Text;
using System.Net;
using System.Text.Json;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests;

/// <summary>
/// The platform gets another public address (docs/deployment.md, "Another public address"). Here one Token API has it already, and knows of the former; those of the platform were
/// told nothing, which is why a roll-out tells them first.
/// </summary>
public sealed class FormerAddressTests(AuthPlatformFixture platform)
{
    private const string NewAddress = "https://new.example.com";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tokens_OfAnotherAddress_AreTakenWhereThatIsNamedAndNowhereElse()
    {
        var application = await platform.CreateApplicationAsync(a => a.RefreshFormat = RefreshFormats.Jwt, Cancellation);
        var (path, current) = ($"/auth/{application.ClientId}", $"{NewAddress}/auth/{application.ClientId}");
        var issued = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
        using var moved = await StartAsync(former: Claims(issued.Text("access_token")).Text("iss")[..^path.Length]);

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(moved, application, "/auth/verify", issued.Text("access_token"))).Status);
        Assert.Equal("True", (await IntrospectAsync(moved.Http, application, issued.Text("refresh_token"))).Text("active"));
        var (status, refreshed) = await SendAsync(moved, application, "/auth/refresh", issued.Text("refresh_token"));
        Assert.Equal(HttpStatusCode.OK, status);
        var (access, refresh) = (refreshed.Text("access_token"), refreshed.Text("refresh_token"));
        Assert.Equal((current, current, current), (Claims(access).Text("iss"), Claims(refresh).Text("iss"), Claims(refresh).Text("aud")));
        Assert.Equal(current, JsonElement.Parse(await moved.Http.GetStringAsync(new Uri($"{path}/.well-known/openid-configuration", UriKind.Relative), Cancellation)).Text("issuer"));

        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.VerifyAsync(application, access, Cancellation)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await platform.TryRefreshAsync(application, refresh, Cancellation)).Status);
        Assert.Equal("False", (await IntrospectAsync(platform.Gateway, application, refresh)).Text("active"));
        foreach (var token in new[] { access, refresh })
        {
            var (_, revoked) = await platform.SendSignedAsync(application, "/auth/revoke", () => SignedRequests.VerifyBody(token), Cancellation);
            Assert.Equal("False", revoked.Text("revoked"));
        }

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(moved, application, "/auth/refresh", refresh)).Status);
        var (_, ended) = await SendAsync(moved, application, "/auth/revoke", issued.Text("refresh_token"));
        Assert.Equal("1", ended.Text("deleted_count"));
    }

    private async Task<RunningService> StartAsync(string former)
    {
        var settings = new Dictionary<string, string>(await platform.TokenApiEnvironmentAsync(Cancellation)) { ["Tokens__PublicUrl"] = NewAddress, ["Tokens__FormerPublicUrls__0"] = former };
        return await RunningService.StartAsync("AuthPlatform.TokenApi", settings, Cancellation);
    }

    private static JsonElement Claims(string token) => JsonElement.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]));

    private static Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(RunningService tokenApi, TestApplication application, string path, string token) =>
        AuthPlatformFixture.SendFreshAsync(tokenApi.Http, () => SignedRequests.V2(application, path, SignedRequests.VerifyBody(token)), Cancellation);

    private static async Task<JsonElement> IntrospectAsync(HttpClient client, TestApplication application, string token) =>
        (await AuthPlatformFixture.SendFreshAsync(client, () => OAuthRequests.Form($"/auth/{application.ClientId}/oauth2/introspect", ("token", token)).WithBasic(application), Cancellation)).Body;
}
