using System.Net;
using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests;

/// <summary>The Key Manager's routes for services of the platform: whoever does not show their secret learns nothing there, and changes nothing.</summary>
public sealed class InternalRouteTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Each by itself: one that was mapped beside the others would be open to everybody.</summary>
    [Theory]
    [InlineData("POST", "/internal/sign")]
    [InlineData("GET", "/internal/keys/changes")]
    [InlineData("GET", "/internal/keys/due")]
    [InlineData("PUT", "/internal/applications/stranger")]
    [InlineData("DELETE", "/internal/applications/stranger")]
    [InlineData("GET", "/internal/applications/stranger/jwks?version=0")]
    [InlineData("GET", "/internal/applications/stranger/keys")]
    [InlineData("PUT", "/internal/applications/stranger/key-settings")]
    [InlineData("POST", "/internal/applications/stranger/rotate")]
    [InlineData("POST", "/internal/applications/stranger/keys/none/revoke")]
    public async Task Route_WithoutTheSecretOrWithAWrongOne_IsRefused(string method, string path)
    {
        using var stranger = platform.App.CreateHttpClient(ResourceNames.KeyManager);
        foreach (var authorization in (string?[])[null, "Bearer wrong-0123456789abcdef0123456789"])
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            if (authorization is not null)
            {
                request.Headers.Add("Authorization", authorization);
            }

            using var response = await stranger.SendAsync(request, Cancellation);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            Assert.Equal("internal_caller_unknown", (await response.ReadJsonAsync(Cancellation)).Text("code"));
        }
    }
}
