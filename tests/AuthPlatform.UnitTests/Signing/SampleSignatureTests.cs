using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using AuthPlatform.Contracts.Signing;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Time.Testing;
using SigningClient;

namespace AuthPlatform.UnitTests.Signing;

/// <summary>What people copy to sign with.</summary>
public sealed class SampleSignatureTests
{
    private const string SignAll = """
        import { readFileSync } from 'node:fs';
        const [, sample, published] = process.argv;
        const { sign } = await import(sample);
        for (const vector of JSON.parse(readFileSync(published, 'utf8')).v2) {
          console.log(sign({ ...vector, clientId: vector.client_id })['X-Signature']);
        }
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(RequestSignatureTests.V2Names), MemberType = typeof(RequestSignatureTests))]
    public void DotNet_KnownAnswer_IsReproduced(string name)
    {
        var vector = RequestSigningVectors.V2.Single(v => v.Text("name") == name);
        using var handler = new SigningHandler(vector.Text("client_id"), vector.Text("secret"), TimeProvider.System);
        using var request = new HttpRequestMessage(new HttpMethod(vector.Text("method")), $"http://localhost{vector.Text("path")}?{vector.Text("query")}");

        handler.Sign(request, vector.Body(), long.Parse(vector.Text("timestamp"), CultureInfo.InvariantCulture), vector.Text("nonce"));

        Assert.Equal(vector.Text("signature"), Assert.Single(request.Headers.GetValues(SigningHeaders.Signature)));
    }

    /// <summary>As it arrives: with characters that are sent in another spelling, and content that is written only when it is sent.</summary>
    [Fact]
    public async Task DotNet_ToldToTryAgain_SignsWhatItSendsAfresh()
    {
        const string Secret = "the secret of a client";
        var clock = new FakeTimeProvider();
        var attempts = new List<(string Timestamp, string Nonce, string Body)>();
        await using var server = await LocalServer.StartAsync(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?');
            var (timestamp, nonce) = (context.Request.Headers[SigningHeaders.Timestamp].ToString(), context.Request.Headers[SigningHeaders.Nonce].ToString());
            var parts = new RequestSignatureV2.Parts(context.Request.Method, target[0], target[1], timestamp, nonce, context.Request.Headers[SigningHeaders.ClientId].ToString());
            Assert.Equal(RequestSignatureV2.Sign(Secret, parts, body.ToArray()), context.Request.Headers[SigningHeaders.Signature].ToString());

            attempts.Add((timestamp, nonce, Convert.ToBase64String(body.ToArray())));
            clock.Advance(TimeSpan.FromSeconds(1));
            context.Response.StatusCode = attempts.Count == 1 ? 503 : 200;
            context.Response.Headers.RetryAfter = "0";
        });

        using var connections = new SocketsHttpHandler { UseProxy = false };
        using var handler = new SigningHandler("shop", Secret, clock) { InnerHandler = connections };
        using var client = new HttpClient(handler);
        using var answer = await client.PostAsJsonAsync(new Uri(server.Urls.Single() + "/auth/shop/사용자?since=a b&ü"), new { unique_key = "사용자-7" }, Cancellation);

        Assert.Equal((200, 2), ((int)answer.StatusCode, attempts.Count));
        Assert.NotEqual(attempts[0].Timestamp, attempts[1].Timestamp);
        Assert.NotEqual(attempts[0].Nonce, attempts[1].Nonce);
        Assert.Equal(attempts[0].Body, attempts[1].Body);
    }

    [Fact]
    public async Task Node_KnownAnswers_AreReproduced()
    {
        var sample = new Uri(Path.Combine(AppContext.BaseDirectory, "Samples", "signing.mjs")).AbsoluteUri;
        var start = new ProcessStartInfo("node", ["--input-type=module", "--eval", SignAll, sample, RequestSigningVectors.Published]) { RedirectStandardOutput = true };
        using var node = Process.Start(start)!;
        var signatures = await node.StandardOutput.ReadToEndAsync(Cancellation);
        await node.WaitForExitAsync(Cancellation);

        Assert.Equal(RequestSigningVectors.V2.Select(vector => vector.Text("signature")), signatures.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
