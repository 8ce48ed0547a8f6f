using System.Buffers.Text;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Deployment;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.IntegrationTests.RevocationFeed;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using ResourceServer;

namespace AuthPlatform.IntegrationTests.OAuth;

/// <summary>The sample of a resource server, which knows the issuer's URL and who it is, and nothing else.</summary>
public sealed partial class JwtBearerTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task JwtBearer_KnowingTheIssuerOnly_TakesItsTokensAndNoOthers()
    {
        await using var server = await StartAsync(platform.Bootstrap, platform.Bootstrap);
        using var client = new HttpClient { BaseAddress = new Uri(server.Urls.Single()) };
        var user = SignedRequests.NewUser();
        var token = (await platform.IssueAsync(platform.Bootstrap, user, Cancellation)).Text("access_token");
        var other = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var foreign = (await platform.IssueAsync(other, user, Cancellation)).Text("access_token");

        Assert.Equal((HttpStatusCode.OK, user), await CallAsync(client, token));
        var segments = token.Split('.');
        foreach (var refused in new[]
        {
            $"{segments[0]}.{segments[1]}.{new string('A', segments[2].Length)}",
            $"{segments[0]}.{segments[1][..^4]}AAAA.{segments[2]}",
            foreign,
        })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await CallAsync(client, refused)).Status);
        }
    }

    [Fact]
    public async Task JwtBearer_OfARevokedKey_TakesNothingMoreOnceTheKeysAreReadAgain()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        await using var server = await StartAsync(application, application);
        using var client = new HttpClient { BaseAddress = new Uri(server.Urls.Single()) };
        var options = server.Services.GetRequiredService<IOptionsMonitor<JwtBearerOptions>>().Get(JwtBearerDefaults.AuthenticationScheme);
        var keys = (BaseConfigurationManager)options.ConfigurationManager!;
        Assert.Equal((TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(30)), (keys.AutomaticRefreshInterval, options.TokenValidationParameters.ClockSkew));
        var issued = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
        Assert.Equal(HttpStatusCode.OK, (await CallAsync(client, issued.Text("access_token"))).Status);

        using var keyManager = platform.CreateKeyManagerClient();
        using var revoked = await keyManager.PostAsync($"/internal/applications/{application.ClientId}/keys/{issued.Text("kid")}/revoke", null, Cancellation);
        revoked.EnsureSuccessStatusCode();
        keys.RequestRefresh();

        await Eventually.TrueAsync(async () => (await CallAsync(client, issued.Text("access_token"))).Status == HttpStatusCode.Unauthorized, Cancellation);
        var fresh = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);
        Assert.Equal(HttpStatusCode.OK, (await CallAsync(client, fresh.Text("access_token"))).Status);
    }

    [Fact]
    public async Task Sample_OfWhatWasRevoked_RefusesItFromItsStartOnAndAsItHappens()
    {
        var resourceServer = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var application = await platform.CreateApplicationAsync(a => a.ResourceServers = [resourceServer.ClientId], Cancellation);
        var before = (await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation)).Text("access_token");
        await RevokeAsync(application, before);
        await platform.ReadFeedUntilAsync(application, "", count: 1, Cancellation);

        await using var server = await StartAsync(application, resourceServer);
        using var client = new HttpClient { BaseAddress = new Uri(server.Urls.Single()) };
        Assert.Equal(HttpStatusCode.Unauthorized, (await CallAsync(client, before)).Status);

        var ofUser = (await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation)).Text("access_token");
        var (_, granted) = await platform.CallAsync(application, application, "token", Cancellation, ("grant_type", "client_credentials"));
        foreach (var token in new[] { ofUser, granted.Text("access_token") })
        {
            Assert.Equal(HttpStatusCode.OK, (await CallAsync(client, token)).Status);
            await RevokeAsync(application, token);
            await Eventually.TrueAsync(async () => (await CallAsync(client, token)).Status == HttpStatusCode.Unauthorized, Cancellation);
        }
    }

    /// <summary>Where the audience is the issuer, only the type in the header tells a refresh token from an access token; the sample says which one this profile has.</summary>
    [Fact]
    public async Task Sample_OfTheSeedProfile_TakesNoRefreshTokenForAnAccessToken()
    {
        var application = await platform.CreateApplicationAsync(
            a => (a.ClaimsProfile, a.RefreshFormat, a.Audience) = (ClaimsProfiles.Seed, RefreshFormats.Jwt, IssuerOf(a.ClientId)), Cancellation);
        var type = SeedType().Match(Repository.Read("samples/ResourceServer/OfflineTokens.cs")).Groups[1].Value;
        await using var server = await StartAsync(application, application, bearer =>
        {
            bearer.Audience = IssuerOf(application.ClientId);
            bearer.TokenValidationParameters.ValidTypes = [type];
        });
        using var client = new HttpClient { BaseAddress = new Uri(server.Urls.Single()) };
        var issued = await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation);

        Assert.Equal(AudienceOf(issued.Text("access_token")), AudienceOf(issued.Text("refresh_token")));
        Assert.Equal((HttpStatusCode.OK, application.ClientId), await CallAsync(client, issued.Text("access_token")));
        Assert.Equal(HttpStatusCode.Unauthorized, (await CallAsync(client, issued.Text("refresh_token"))).Status);
    }

    /// <summary>For whichever language: that refusal hangs on it.</summary>
    [Fact]
    public void Recipes_OfAResourceServer_AskForATypeInEveryProfile()
    {
        var lines = Repository.Read("docs/oauth2.md").Split('\n').Where(line => line.Contains("access tokens only", StringComparison.Ordinal)).ToList();
        Assert.Equal(4, lines.Count);
        Assert.All(lines, line => Assert.Matches("""at\+jwt.*['"]JWT['"]\]? in the seed profile$""", line));
    }

    /// <summary>What people copy is what is tested here.</summary>
    [Fact]
    public void Documentation_OfAResourceServer_PrintsTheSample()
    {
        var printed = PrintedCode().Match(Repository.Read("docs/oauth2.md")).Groups[1].Value;
        Assert.Contains("AddJwtBearer", printed, StringComparison.Ordinal);
        Assert.Contains(Unindented(printed), Unindented(Repository.Read("samples/ResourceServer/OfflineTokens.cs")), StringComparison.Ordinal);

        static string Unindented(string text) => string.Join('\n', text.Split('\n').Select(line => line.Trim()));
    }

    private static string AudienceOf(string token) => JsonElement.Parse(Base64Url.DecodeFromChars(token.Split('.')[1])).Text("aud");

    private string IssuerOf(string clientId) => new Uri(platform.Gateway.BaseAddress!, $"/auth/{clientId}").ToString();

    private async Task<WebApplication> StartAsync(TestApplication issuer, TestApplication resourceServer, Action<JwtBearerOptions>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration["AuthPlatform:Issuer"] = IssuerOf(issuer.ClientId);
        builder.Configuration["AuthPlatform:ClientId"] = resourceServer.ClientId;
        builder.Configuration["AuthPlatform:ClientSecret"] = resourceServer.Secret;
        builder.Services.AddOfflineTokens(builder.Configuration);
        builder.Services.Configure<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme, bearer => configure?.Invoke(bearer));
        builder.Services.AddAuthorization();
        var app = builder.Build();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapGet("/", (HttpContext context) => context.User.FindFirst("sub")?.Value).RequireAuthorization();
        await app.StartAsync(Cancellation);
        return app;
    }

    private async Task RevokeAsync(TestApplication application, string token) =>
        Assert.Equal(HttpStatusCode.OK, (await platform.CallAsync(application, application, "revoke", Cancellation, ("token", token))).Status);

    private static async Task<(HttpStatusCode Status, string Body)> CallAsync(HttpClient client, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Authorization = new("Bearer", token);
        using var response = await client.SendAsync(request, Cancellation);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation));
    }

    [GeneratedRegex("```csharp\n(.+?)```", RegexOptions.Singleline)]
    private static partial Regex PrintedCode();

    [GeneratedRegex("""ValidTypes = .+ \["(\w+)"\] in the seed profile""")]
    private static partial Regex SeedType();
}
