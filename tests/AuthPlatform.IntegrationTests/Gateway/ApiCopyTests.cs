using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Gateway;

/// <summary>What the API document says of answers that may be kept: their headers, the question whether a copy is still right, and HEAD.</summary>
public sealed class ApiCopyTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answer_ThatMayBeKept_HasTheHeadersThatAreDocumented()
    {
        var document = JsonNode.Parse(await platform.Gateway.GetStringAsync(new Uri("/openapi.json", UriKind.Relative), Cancellation))!;
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var asked = new List<string>();
        foreach (var (path, operations) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in operations!.AsObject().Where(described => described.Value!["responses"]!["304"] is not null))
            {
                var target = path.Replace("{client_id}", application.ClientId, StringComparison.Ordinal);
                using var first = await AskAsync(method, target, null);
                AssertIsDescribed(HttpStatusCode.OK, operation!, first);
                using var again = await AskAsync(method, target, first.Headers.ETag);
                AssertIsDescribed(HttpStatusCode.NotModified, operation!, again);
                Assert.Equal(first.Headers.ETag, again.Headers.ETag);
                asked.Add(method);
            }
        }

        Assert.Equal(["get", "get", "get", "head", "head", "head"], asked.Order(StringComparer.Ordinal));
    }

    private async Task<HttpResponseMessage> AskAsync(string method, string target, EntityTagHeaderValue? known)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method.ToUpperInvariant()), target);
        if (known is not null)
        {
            request.Headers.IfNoneMatch.Add(known);
        }

        return await platform.Gateway.SendAsync(request, Cancellation);
    }

    private static void AssertIsDescribed(HttpStatusCode status, JsonNode operation, HttpResponseMessage response)
    {
        Assert.Equal(status, response.StatusCode);
        var headers = operation["responses"]![$"{(int)status}"]!["headers"]!.AsObject().Select(header => header.Key).ToList();
        Assert.Equal(["Cache-Control", "ETag"], headers.Order(StringComparer.Ordinal));
        Assert.All(headers, header => Assert.True(response.Headers.Contains(header), $"{status} lacks {header}"));
    }
}
