using System.Net;
using System.Net.Http.Headers;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests;

/// <summary>The public keys as verifiers and strangers ask for them.</summary>
public sealed class JwksTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Jwks_AskedForAgain_IsNotModifiedUntilAKeyChanges()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        using var first = await GetAsync(application, null);
        Assert.Equal("application/jwk-set+json", first.Content.Headers.ContentType?.MediaType);
        Assert.Equal("public, must-revalidate, max-age=300", first.Headers.CacheControl?.ToString());
        Assert.Equal("*", Assert.Single(first.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.False(first.Headers.ETag!.IsWeak);

        using var second = await GetAsync(application, first.Headers.ETag);
        Assert.Equal((HttpStatusCode.NotModified, 0L), (second.StatusCode, (await second.Content.ReadAsByteArrayAsync(Cancellation)).LongLength));
        Assert.Equal((first.Headers.ETag, first.Headers.CacheControl), (second.Headers.ETag, second.Headers.CacheControl));

        Assert.Equal(HttpStatusCode.OK, (await platform.SendSignedAsync(application, "/auth/rotate-key", () => "{}", Cancellation)).Status);
        using var third = await GetAsync(application, first.Headers.ETag);
        Assert.Equal(HttpStatusCode.OK, third.StatusCode);
    }

    [Fact]
    public async Task Jwks_WhenAKeyIsAboutToLeave_IsCachedNoLongerThanThat()
    {
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        await using var clock = new KeyClock(platform, application.ClientId);
        Assert.Equal(HttpStatusCode.OK, (await platform.SendSignedAsync(application, "/auth/rotate-key", () => """{"rotate_after":67}""", Cancellation)).Status);

        await clock.AdvanceAsync(TimeSpan.FromSeconds((67 * 60) - 100), Cancellation);
        await Eventually.TrueAsync(async () => await MaxAgeAsync() <= 100, Cancellation);
        await clock.AdvanceAsync(TimeSpan.FromSeconds(100), Cancellation);
        await Eventually.TrueAsync(async () => await MaxAgeAsync() == 300, Cancellation);

        async Task<double> MaxAgeAsync()
        {
            using var response = await GetAsync(application, null);
            return response.Headers.CacheControl!.MaxAge!.Value.TotalSeconds;
        }
    }

    private Task<HttpResponseMessage> GetAsync(TestApplication application, EntityTagHeaderValue? known)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"/auth/{application.ClientId}/jwks");
        if (known is not null)
        {
            request.Headers.IfNoneMatch.Add(known);
        }

        return platform.Gateway.SendAsync(request, Cancellation);
    }
}
