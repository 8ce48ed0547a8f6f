using System.Net;
using System.Net.Sockets;
using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Gateway;

/// <summary>Whose word the gateway takes for where a request came from, and what it does when a replica is not there.</summary>
public sealed class ForwardingTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The proxy ended TLS, perhaps: only its word makes a connection a secure one.</summary>
    [Fact]
    public async Task Origin_FromATrustedProxy_IsTheLastAddressItNamedAndTheSchemeItSaid()
    {
        using var gateway = await GatewayProcess.StartAsync(platform, new() { ["TrustedProxies__Addresses__0"] = "127.0.0.0/8" }, Cancellation);
        var application = await platform.CreateApplicationAsync(a => a.AllowedIps = ["198.51.100.0/24"], Cancellation);

        Assert.Equal(HttpStatusCode.OK, await StatusAsync("198.51.100.7"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("203.0.113.9, 198.51.100.7:4711"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("::ffff:198.51.100.7"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("198.51.100.7, 203.0.113.9"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("198.51.100.7, 127.0.0.1"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("198.51.100.7, garbage"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("fe80::1%eth0"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(null));

        Assert.True(await IsSecureAsync("https"), "https of a trusted proxy is not believed.");
        Assert.False(await IsSecureAsync("http"), "http of a trusted proxy is not believed.");

        async Task<HttpStatusCode> StatusAsync(string? forwardedFor)
        {
            using var response = await gateway.Http.SendFreshAsync(() => Request(forwardedFor), Cancellation);
            return response.StatusCode;
        }

        HttpRequestMessage Request(string? forwardedFor)
        {
            var request = SignedRequests.V2(application, "/auth/token", SignedRequests.TokenBody(SignedRequests.NewUser()));
            if (forwardedFor is not null)
            {
                request.Headers.Add("X-Forwarded-For", forwardedFor);
            }

            // Claims of the other kinds are nobody's to make.
            request.Headers.Add("Forwarded", "for=198.51.100.8");
            request.Headers.Add("X-Real-IP", "198.51.100.8");
            return request;
        }

        async Task<bool> IsSecureAsync(string scheme)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/health");
            request.Headers.Host = "auth.example";
            request.Headers.Add("X-Forwarded-For", "198.51.100.7");
            request.Headers.Add("X-Forwarded-Proto", scheme);
            using var response = await gateway.Http.SendAsync(request, Cancellation);
            return response.Headers.Contains("Strict-Transport-Security");
        }
    }

    /// <summary>Nobody mends them one by one, each time at the cost of a start.</summary>
    [Fact]
    public async Task Gateway_WithSeveralWrongSettings_SaysAllOfThemAndDoesNotStart()
    {
        var said = await RefusalAsync(new()
        {
            ["TrustedProxies__Addresses__0"] = "0.0.0.0/0",
            ["Limits__Address__Burst"] = "0",
            ["Shutdown__DrainSeconds"] = "61",
            ["Scheduling__Batch"] = "sometimes",
        });

        Assert.Contains("TrustedProxies:Addresses holds '0.0.0.0/0', which is neither an address nor a network", said, StringComparison.Ordinal);
        Assert.Contains("Burst must be between 1 and 1000000", said, StringComparison.Ordinal);
        Assert.Contains("Shutdown:DrainSeconds must be a number from 0 to 60", said, StringComparison.Ordinal);
        Assert.Contains("Scheduling:Batch must be true or false", said, StringComparison.Ordinal);
    }

    /// <summary>A number that is none is found before all else, and files are looked at when all else is right: each is told alone.</summary>
    [Theory]
    [InlineData("Limits__Address__Burst", "many", "Limits:Address:Burst")]
    [InlineData("Tls__CertificatePath", "/nowhere.pem", "Tls:CertificatePath and Tls:KeyPath are needed together")]
    public async Task Gateway_WithAWrongSetting_SaysWhichAndDoesNotStart(string setting, string value, string says) =>
        Assert.Contains(says, await RefusalAsync(new() { [setting] = value }), StringComparison.Ordinal);

    /// <summary>Nobody listens at the other address, though it is taken, and nobody has noticed yet.</summary>
    [Fact]
    public async Task Request_ForAReplicaThatIsNotThere_GoesToAnotherOne()
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        // A real one may be too busy: that would look like the other.
        await using var there = await StandInReplica.StartAsync(_ => Task.CompletedTask, Cancellation);
        using var gateway = await GatewayProcess.StartAsync(
            platform,
            new()
            {
                ["services__token-api__http__0"] = there.Address,
                ["services__token-api__http__1"] = $"http://{silent.LocalEndPoint}",
                ["ReverseProxy__Clusters__token-api__LoadBalancingPolicy"] = "RoundRobin",
                ["ReverseProxy__Clusters__token-api__HealthCheck__Active__Enabled"] = "false",
                ["ReverseProxy__Clusters__token-api__HealthCheck__Passive__Enabled"] = "false",
            },
            Cancellation);

        for (var i = 0; i < 6; i++)
        {
            using var body = new StringContent("{}");
            using var response = await gateway.Http.PostAsync(new Uri("/auth/token", UriKind.Relative), body, Cancellation);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(6, there.Asked);
    }

    /// <summary>What has begun is finished, and new requests go on being answered until the others have noticed.</summary>
    [Fact]
    public async Task Gateway_ToldToStop_SaysThatItIsNotReadyAndGoesOnMeanwhile()
    {
        // Longer than anything here takes: the test does not wait for the end.
        using var gateway = await GatewayProcess.StartAsync(platform, new() { ["Shutdown__DrainSeconds"] = "30" }, Cancellation);
        _ = gateway.StopAsync(Cancellation);
        var ready = HttpStatusCode.OK;
        await Eventually.TrueAsync(
            async () =>
            {
                using var health = await gateway.Http.GetAsync(new Uri("/health/ready", UriKind.Relative), Cancellation);
                return (ready = health.StatusCode) != HttpStatusCode.OK;
            },
            Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready);
        using var serving = await gateway.Http.GetAsync(new Uri("/health/serving", UriKind.Relative), Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, serving.StatusCode);
        using var response = await gateway.Http.SendFreshAsync(() => SignedRequests.V2(platform.Bootstrap, "/auth/token", SignedRequests.TokenBody("late")), Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.Headers.ConnectionClose);
    }

    /// <summary>What a gateway says that does not start with these settings.</summary>
    private async Task<string> RefusalAsync(Dictionary<string, string> settings)
    {
        settings["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        settings["services__token-api__http__0"] = platform.TokenApis[0].BaseAddress!.ToString();
        settings["services__key-manager__http__0"] = platform.App.GetEndpoint(ResourceNames.KeyManager).ToString();
        settings["services__admin-web__http__0"] = platform.App.GetEndpoint(ResourceNames.AdminWeb).ToString();
        var (exitCode, log) = await ServiceProcess.Start("AuthPlatform.Gateway", settings).FinishAsync(Cancellation);

        Assert.True(exitCode == 1, log);
        var said = Assert.Single(log.Split('\n'), line => line.Contains("This service does not start: ", StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", log, StringComparison.Ordinal);
        return said;
    }
}
