using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests;

/// <summary>Changes of keys, and the few connections that a Key Manager has for them and for reading.</summary>
public sealed class KeyChangeTests(AuthPlatformFixture platform)
{
    /// <summary>Three times as many as there are connections.</summary>
    private const int Changes = 30;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Of one application, which is as good as many: the next one begins when one is committed, and that is when it looks at the keys. Of settings, so that no key is made.</summary>
    [Fact]
    public async Task Changes_MoreAtOnceThanConnections_AllSucceedAndKeysCanBeReadMeanwhile()
    {
        var environment = await new FreshDatabases(platform).MigratedWithKeysAsync(Cancellation);
        using var keyManager = await RunningService.StartAsync("AuthPlatform.KeyManager", environment, Cancellation);
        keyManager.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", FreshDatabases.InternalSecret);
        var address = new Uri($"/internal/applications/{FreshDatabases.ClientId}/key-settings", UriKind.Relative);

        var answers = Task.WhenAll(Enumerable.Range(5000, Changes).Select(async seconds =>
        {
            using var answer = await keyManager.Http.PutAsJsonAsync(address, new { retain_seconds = seconds }, Cancellation);
            return answer.StatusCode;
        }));
        do
        {
            Assert.True(await keyManager.IsReadyAsync(Cancellation));
        }
        while (!answers.IsCompleted);

        Assert.All(await answers, status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.DoesNotContain(keyManager.Log, line => line.Contains("cannot be read from the database", StringComparison.Ordinal));
    }
}
