using System.Net;
using System.Net.Http.Headers;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>The samples of client applications, run as the documentation says.</summary>
public sealed class QuickstartTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, "v1: token issued, verified and revoked")]
    [InlineData(2, "v1: skipped")]
    public async Task Sample_ForAnyApplication_RunsToItsEnd(short minimumSignatureVersion, string last)
    {
        var application = await platform.CreateApplicationAsync(a => a.MinimumSignatureVersion = minimumSignatureVersion, Cancellation);

        var (exitCode, log) = await ClientSamples.RunQuickstartAsync(SettingsFor(application), Cancellation);

        Assert.True(exitCode == 0, log);
        Assert.StartsWith(last, log.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task SigningClient_ForAnApplication_RunsToItsEnd()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);

        var (exitCode, output) = await ClientSamples.RunSigningClientAsync(SettingsFor(application), Cancellation);

        Assert.True(exitCode == 0, output);
        Assert.Equal("revoked: 1 session", output.TrimEnd().Split('\n')[^1].TrimEnd());
    }

    /// <summary>It listens when it has read what was revoked, and takes a token when it has read the keys.</summary>
    [Fact]
    public async Task ResourceServer_OfAMachineBehindAProxy_ReachesAnIssuerOnThisOne()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(Eventually.Patience);
        var settings = new Dictionary<string, string>(SettingsFor(application))
        {
            ["AuthPlatform__Issuer"] = new Uri(platform.Gateway.BaseAddress!, $"/auth/{application.ClientId}").ToString(),
            ["AuthPlatform__ClientId"] = application.ClientId,
            ["AuthPlatform__ClientSecret"] = application.Secret,
        };

        using var server = await RunningService.ListenAsync("ResourceServer", settings, patience.Token);
        server.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer", (await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation)).Text("access_token"));

        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await server.Http.GetAsync(new Uri("/", UriKind.Relative), Cancellation);
                return answer.StatusCode == HttpStatusCode.OK;
            },
            Cancellation);
    }

    private Dictionary<string, string> SettingsFor(TestApplication application) => ClientSamples.SettingsFor(application, platform.Gateway.BaseAddress!);
}
