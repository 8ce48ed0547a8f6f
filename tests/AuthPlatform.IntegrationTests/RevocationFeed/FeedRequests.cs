using System.Net;
using System.Text.Json;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.RevocationFeed;

/// <summary>What tests of the feed do again and again.</summary>
internal static class FeedRequests
{
    /// <summary>The id of a session that has been revoked.</summary>
    public static async Task<string> RevokedSessionAsync(this AuthPlatformFixture platform, TestApplication application, CancellationToken cancellationToken)
    {
        var issued = await platform.IssueAsync(application, SignedRequests.NewUser(), cancellationToken);
        await platform.CallAsync(application, application, "revoke", cancellationToken, ("token", issued.Text("refresh_token")));
        return issued.Text("session_id");
    }

    public static async Task<JsonElement> ReadFeedAsync(this AuthPlatformFixture platform, TestApplication application, string query, CancellationToken cancellationToken)
    {
        var (status, page) = await platform.SendFreshAsync(
            () => new HttpRequestMessage(HttpMethod.Get, $"/auth/{application.ClientId}/revocations{query}").WithBasic(application), cancellationToken);
        Assert.Equal(HttpStatusCode.OK, status);
        return page;
    }

    /// <summary>What was just committed is given as soon as no older transaction of anybody runs any more.</summary>
    public static async Task<JsonElement> ReadFeedUntilAsync(this AuthPlatformFixture platform, TestApplication application, string query, int count, CancellationToken cancellationToken)
    {
        JsonElement page = default;
        await Eventually.TrueAsync(
            async () =>
            {
                page = await platform.ReadFeedAsync(application, query, cancellationToken);
                return page.GetProperty("revocations").GetArrayLength() >= count;
            },
            cancellationToken);
        return page;
    }
}
