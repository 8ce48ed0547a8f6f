using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Gateway;

/// <summary>What <c>/openapi.json</c> says is what the platform does: each of its examples is sent, and what is refused everywhere, and each answer is held against its schema.</summary>
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
                    using var response = await platform.Gateway.SendFreshAsync(() => RequestAsync(application, method, path, operation, example?["value"]), Cancellation);
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

    /// <summary>A stranger, a body of another type, a client at a wrong address, and a body that is too large for most.</summary>
    [Fact]
    public async Task Refusals_OfEachOperation_AreAnsweredAsDocumented()
    {
        var document = JsonNode.Parse(await platform.Gateway.GetStringAsync(new Uri("/openapi.json", UriKind.Relative), Cancellation))!;
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        var elsewhere = await platform.CreateApplicationAsync(a => a.AllowedIps = ["198.51.100.0/24"], Cancellation);
        var large = new string('x', 65 * 1024);
        var seen = new HashSet<int>();
        foreach (var (path, operations) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in operations!.AsObject().Where(described => described.Value!["security"] is not null))
            {
                var stranger = Request(application, method, path, operation!, "x");
                stranger.Headers.Clear();
                var otherType = Request(application, method, path, operation!, "x");
                otherType.Content?.Headers.ContentType = new MediaTypeHeaderValue("text/plain");
                foreach (var request in new[] { stranger, otherType, Request(elsewhere, method, path, operation!, "x"), Request(application, method, path, operation!, large) })
                {
                    seen.Add(await AnswerAsync(document, operation!, request));
                }
            }
        }

        Assert.True(seen.IsSupersetOf([400, 401, 403, 413, 415]), string.Join(' ', seen));
    }

    [Fact]
    public async Task Document_AskedForItsHeadersAlone_HasThose()
    {
        using var whole = await platform.Gateway.GetAsync(new Uri("/openapi.json", UriKind.Relative), Cancellation);
        using var request = new HttpRequestMessage(HttpMethod.Head, "/openapi.json");
        using var head = await platform.Gateway.SendAsync(request, Cancellation);

        Assert.Equal((HttpStatusCode.OK, whole.Headers.ETag, whole.Content.Headers.ContentLength), (head.StatusCode, head.Headers.ETag, head.Content.Headers.ContentLength));
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Cancellation));
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

    /// <summary>The status of the answer; fails when the operation does not list it, with its type and form.</summary>
    private async Task<int> AnswerAsync(JsonNode document, JsonNode operation, HttpRequestMessage request)
    {
        using (request)
        {
            using var response = await platform.Gateway.SendAsync(request, Cancellation);
            var status = (int)response.StatusCode;
            var described = operation["responses"]![status.ToString(CultureInfo.InvariantCulture)];
            if (described?["$ref"] is { } shared)
            {
                described = document["components"]!["responses"]![shared.GetValue<string>().Split('/')[^1]];
            }

            var type = response.Content.Headers.ContentType?.MediaType ?? "";
            var at = $"{request.Method} {request.RequestUri}: {status} {type}";
            Assert.True(described is not null, at);
            if (request.Method != HttpMethod.Head)
            {
                var content = described["content"]?[type];
                Assert.True(content is not null, at);
                ApiSchema.AssertFits(document, content["schema"]!, JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation)), at);
            }

            return status;
        }
    }

    /// <summary>The example as a request of this moment: signed, and with tokens that exist.</summary>
    private async Task<HttpRequestMessage> RequestAsync(TestApplication application, string method, string path, JsonNode operation, JsonNode? example)
    {
        if (example is null)
        {
            return Request(application, method, path, operation, "");
        }

        var body = (JsonObject)Replace(example, await platform.IssueAsync(application, SignedRequests.NewUser(), Cancellation))!;
        var isJson = operation["requestBody"]!["content"]!["application/json"] is not null;
        return Request(application, method, path, operation, isJson ? body.ToJsonString() : string.Join('&', body.Select(member => $"{member.Key}={Uri.EscapeDataString(member.Value!.GetValue<string>())}")));
    }

    /// <summary>With the application's credentials where the operation asks for some.</summary>
    private static HttpRequestMessage Request(TestApplication application, string method, string path, JsonNode operation, string body)
    {
        var target = path.Replace("{client_id}", application.ClientId, StringComparison.Ordinal);
        if (operation["requestBody"] is not { } described)
        {
            var get = new HttpRequestMessage(new HttpMethod(method.ToUpperInvariant()), target);
            return operation["security"] is null ? get : get.WithBasic(application);
        }

        return described["content"]!["application/json"] is not null ? SignedRequests.V2(application, target, body) : OAuthRequests.RawForm(target, body).WithBasic(application);
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
