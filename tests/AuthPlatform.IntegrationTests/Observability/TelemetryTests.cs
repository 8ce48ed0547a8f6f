using System.Net;
using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Observability;

/// <summary>How telemetry gets out of the services, and to whom.</summary>
public sealed class TelemetryTests(AuthPlatformFixture platform)
{
    private static readonly string[] Histograms = ["http_server_request_duration_seconds", "db_client_operation_duration_seconds"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Metrics_OfAService_AreAtTheirOwnAddressAndNothingElseIs()
    {
        using var http = new HttpClient();
        Assert.NotEmpty(platform.MetricsAddresses);
        foreach (var address in platform.MetricsAddresses)
        {
            Assert.Equal(IPAddress.Loopback.ToString(), address.Host);
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, HttpMethod.Get, address));
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(http, HttpMethod.Post, address));
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(http, HttpMethod.Get, new Uri(address, "/metrics/")));
            foreach (var path in new[] { "/", "/health", "/auth/token", "/internal/keys/due" })
            {
                Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(http, HttpMethod.Get, new Uri(address, path)));
            }
        }

        foreach (var service in new[] { platform.Gateway.BaseAddress!, platform.TokenApis[0].BaseAddress!, platform.App.GetEndpoint(ResourceNames.KeyManager) })
        {
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(http, HttpMethod.Get, new Uri(service, "/metrics")));
        }
    }

    /// <summary>From a slow bucket of a histogram to a request that was slow: the bucket names its trace, by both ways out.</summary>
    [Fact]
    public async Task Histogram_MeasuredWithinATraceThatIsKept_NamesTheTrace()
    {
        await using var receiver = await TelemetryReceiver.StartAsync(Cancellation);
        var environment = new Dictionary<string, string>(await platform.TokenApiEnvironmentAsync(Cancellation)) { ["Metrics__Port"] = "0" };
        receiver.AddTo(environment);
        var (kept, dropped) = (Convert.ToHexStringLower(Guid.CreateVersion7().ToByteArray()), Convert.ToHexStringLower(Guid.CreateVersion7().ToByteArray()));
        var scraped = "";
        using (var tokenApi = await RunningService.StartAsync("AuthPlatform.TokenApi", environment, Cancellation))
        {
            foreach (var parent in new[] { $"00-{dropped}-00f067aa0ba902b7-00", $"00-{kept}-00f067aa0ba902b7-01" })
            {
                using var response = await tokenApi.Http.SendFreshAsync(() => Traced(parent), Cancellation);
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            }

            // How long a request took is known a moment after its answer.
            await Eventually.TrueAsync(
                async () =>
                {
                    scraped = await ScrapeAsync(tokenApi);
                    return Histograms.All(histogram => scraped.Split('\n').Any(line => IsOfTheTrace(line, histogram)));
                },
                Cancellation);
            await tokenApi.StopAsync(Cancellation);
            Assert.Contains(tokenApi.Log, line => line.Contains("This is AuthPlatform.TokenApi ", StringComparison.Ordinal));
        }

        foreach (var signal in new[] { "logs", "metrics", "traces" })
        {
            Assert.True(receiver.Of(signal).AsSpan().IndexOf("service.version"u8) >= 0, signal);
        }

        Assert.DoesNotContain(dropped, scraped, StringComparison.Ordinal);
        // In protobuf: field 5 of an exemplar, 16 bytes.
        byte[] exemplar = [0x2a, 0x10, .. Convert.FromHexString(kept)];
        Assert.True(receiver.Of("metrics").AsSpan().IndexOf(exemplar) >= 0);
        Assert.True(receiver.Of("traces").AsSpan().IndexOf(Convert.FromHexString(kept)) >= 0);
        Assert.True(receiver.Of("metrics").AsSpan().IndexOf(Convert.FromHexString(dropped)) < 0);

        HttpRequestMessage Traced(string parent)
        {
            var request = SignedRequests.V2(platform.Bootstrap, "/auth/token", SignedRequests.TokenBody(SignedRequests.NewUser()));
            request.Headers.Add("traceparent", parent);
            return request;
        }

        bool IsOfTheTrace(string line, string histogram) =>
            line.StartsWith($"{histogram}_bucket{{", StringComparison.Ordinal) && line.Contains($"trace_id=\"{kept}\"", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Service_WithWrongSettingsForMetrics_NamesThemAndDoesNotStart()
    {
        var environment = new Dictionary<string, string>(await platform.TokenApiEnvironmentAsync(Cancellation))
        {
            ["Metrics__Port"] = "65536",
            ["Metrics__Address"] = "everywhere",
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
        };

        var (exitCode, log) = await ServiceProcess.Start("AuthPlatform.TokenApi", environment, ends: true).FinishAsync(Cancellation);

        Assert.Equal(1, exitCode);
        Assert.Contains("Metrics:Address must be an IP address", log, StringComparison.Ordinal);
        Assert.Contains("Metrics:Port must be a number", log, StringComparison.Ordinal);
    }

    private static async Task<string> ScrapeAsync(RunningService service)
    {
        using var scrape = new HttpRequestMessage(HttpMethod.Get, service.Metrics);
        scrape.Headers.Accept.ParseAdd("application/openmetrics-text; version=1.0.0");
        using var answer = await service.Http.SendAsync(scrape, Cancellation);
        return await answer.Content.ReadAsStringAsync(Cancellation);
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, HttpMethod method, Uri address)
    {
        using var response = await http.SendAsync(new HttpRequestMessage(method, address), Cancellation);
        return response.StatusCode;
    }
}
