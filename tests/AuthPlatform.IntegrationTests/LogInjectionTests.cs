using AuthPlatform.Contracts.Signing;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests;

/// <summary>Whatever a caller writes, the lines of the log are ours: none is begun by it, and none moves the cursor of whoever reads them.</summary>
public sealed class LogInjectionTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Request_WithLineBreaksAndEscapes_MakesNoLineOfItsOwn()
    {
        var logged = platform.Logs.Lines.Count;
        var forged = "forged-" + SignedRequests.Nonce();
        var broken = $"%0d%0a{forged}%1b[31m";
        foreach (var server in (HttpClient[])[platform.Gateway, .. platform.TokenApis])
        {
            foreach (var target in (string[])[$"/{broken}", $"/auth/{broken}", $"/auth/{broken}/oauth2/introspect", $"/auth/token?{broken}"])
            {
                // Sent as it is written: nobody makes it harmless on the way.
                var address = new Uri(server.BaseAddress!.GetLeftPart(UriPartial.Authority) + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
                using var request = new HttpRequestMessage(HttpMethod.Post, address);
                request.Headers.TryAddWithoutValidation("User-Agent", $"\u001b[31m{forged}");
                request.Headers.TryAddWithoutValidation(SigningHeaders.ClientId, $"{broken}\u001b[31m");
                request.Headers.TryAddWithoutValidation(SigningHeaders.Signature, "x");
                using var response = await server.SendAsync(request, Cancellation);
                Assert.InRange((int)response.StatusCode, 400, 499);
            }
        }

        var lines = platform.Logs.Lines.Skip(logged).Where(line => line.Contains(forged, StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Any(char.IsControl) || line.Contains($": {forged}", StringComparison.Ordinal));
    }
}
