using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Gateway;

/// <summary>What <c>/openapi.json</c> says is what the platform does: each of its examples is sent, and each answer is held against its schema.</summary>
public sealed class ApiDocumentTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Examples_SentAsDocumented_AreAnsweredAsDocumented()
    {
        var document = JsonNode.Parse(await platform.Gateway.GetStringAsync(new Uri("/openapi.json", UriKind.Relative), Cancellation))!;
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var sent = 0;
        foreach (var (path, operations) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in operations!.AsObject())
            {
                foreach (var (name, example) in operation!["requestBody"]?["content"]!.AsObject().Single().Value!["examples"]!.AsObject() ?? new() { ["none"] = null })
                {
                    using var request = await RequestAsync(application, method, path, operation, example?["value"]);
                    using var response = await platform.Gateway.SendAsync(request, Cancellation);
                    var text = await response.Content.ReadAsStringAsync(Cancellation);
                    Assert.True(response.StatusCode == HttpStatusCode.OK, $"{method} {path} ({name}): {response.StatusCode} {text}");
                    if (operation["responses"]!["200"]!["content"] is { } content)
                    {
                        var schema = content[response.Content.Headers.ContentType!.MediaType!]!["schema"]!;
                        ApiSchema.AssertFits(document, schema, JsonNode.Parse(text), $"{method} {path}");
                    }

                    sent++;
                }
            }
        }

        Assert.InRange(sent, 15, 100);
    }

    [Fact]
    public async Task Page_OfTheReference_RunsNothingFromElsewhere()
    {
        using var page = await platform.Gateway.GetAsync(new Uri("/docs/", UriKind.Relative), Cancellation);
        var policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        var html = await page.Content.ReadAsStringAsync(Cancellation);

        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("script-src 'unsafe", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("http", html.Replace("http-equiv", "", StringComparison.Ordinal), StringComparison.Ordinal);
        using var script = await platform.Gateway.GetAsync(new Uri("/docs/scalar.js", UriKind.Relative), Cancellation);
        Assert.Equal(HttpStatusCode.OK, script.StatusCode);
    }

    /// <summary>The example as a request of this moment: signed, and with tokens that exist.</summary>
    private async Task<HttpRequestMessage> RequestAsync(TestApplication application, string method, string path, JsonNode operation, JsonNode? example)
    {
        var target = path.Replace("{client_id}", application.ClientId, StringComparison.Ordinal);
        if (example is null)
        {
            var get = new HttpRequestMessage(new HttpMethod(method.ToUpperInvariant()), target);
            return operation["security"] is null ? get : get.WithBasic(application);
        }

        var body = (JsonObject)Replace(example, await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation))!;
        if (operation["requestBody"]!["content"]!["application/json"] is not null)
        {
            return SignedRequests.V2(application, target, body.ToJsonString());
        }

        return OAuthRequests.Form(target, [.. body.Select(member => (member.Key, member.Value!.GetValue<string>()))]).WithBasic(application);
    }

    private static JsonNode? Replace(JsonNode? node, JsonElement pair) => node switch
    {
        JsonObject o => new JsonObject(o.Select(member => KeyValuePair.Create(member.Key, Replace(member.Value, pair)))),
        JsonArray a => new JsonArray([.. a.Select(item => Replace(item, pair))]),
        JsonValue v when v.TryGetValue(out string? s) && s.StartsWith("rt_", StringComparison.Ordinal) => pair.Text("refresh_token"),
        JsonValue v when v.TryGetValue(out string? s) && s.StartsWith("eyJ", StringComparison.Ordinal) => pair.Text("access_token"),
        _ => node?.DeepClone(),
    };
}
