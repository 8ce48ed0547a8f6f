using System.Net;
using System.Net.Sockets;
using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace AuthPlatform.IntegrationTests.Gateway;

/// <summary>Which replica gets a request, how often, and what becomes of it when the gateway stops.</summary>
public sealed class ReplicaTests(AuthPlatformFixture platform)
{
    private const int Round = 20;

    /// <summary>By turns, not even two of them would be answered while one of two breaks off. All of them come within the two seconds for which that one gets nothing.</summary>
    private const int ShortRound = 6;

    private static readonly Uri Serving = new("/health/serving", UriKind.Relative);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Active checks: it is asked how it is, and believed.</summary>
    [Fact]
    public async Task Replica_ThatSaysItIsNotReady_GetsNothingUntilItIs()
    {
        await using var one = await StandInReplica.StartAsync(_ => Task.CompletedTask, Cancellation);
        await using var other = await StandInReplica.StartAsync(_ => Task.CompletedTask, Cancellation);
        // On a crowded machine it may take long to say so.
        using var gateway = await StartAsync(
            one,
            other,
            new() { ["HealthCheck__Passive__Enabled"] = "false", ["HealthCheck__Active__Interval"] = "00:00:00.2", ["HealthCheck__Active__Timeout"] = "00:00:30" });

        one.IsReady = false;
        await Eventually.TrueAsync(async () => await AskedInARoundAsync(one) == 0, Cancellation);
        await SaysAsync(gateway, $"token-api at {one.Address}/ is not ready: it answers 503");
        one.IsReady = true;
        await Eventually.TrueAsync(async () => await AskedInARoundAsync(one) > 0, Cancellation);
        await SaysAsync(gateway, $"token-api at {one.Address}/ is ready");

        async Task<int> AskedInARoundAsync(StandInReplica replica)
        {
            var before = replica.Asked;
            for (var i = 0; i < Round; i++)
            {
                Assert.Equal(HttpStatusCode.OK, await PostAsync(gateway));
            }

            return replica.Asked - before;
        }
    }

    /// <summary>As it is while a service starts; a line says which and why, not a stack trace at every look.</summary>
    [Fact]
    public async Task Replica_ThatRefusesConnections_IsNamedInOneLine()
    {
        // Taken, so that nobody else gets it, but nobody listens.
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var refusing = $"http://{silent.LocalEndPoint}";
        await using var there = await StandInReplica.StartAsync(_ => Task.CompletedTask, Cancellation);
        using var gateway = await StartAsync(
            there,
            there,
            [],
            new() { ["services__admin-web__http__0"] = refusing, ["ReverseProxy__Clusters__admin-web__HealthCheck__Active__Interval"] = "00:00:00.2" });
        await SaysAsync(gateway, $"admin-web at {refusing}/ is not ready: Connection refused");

        // Between its looks at the other service are two seconds: until it has noticed both changes, it has looked at this one many times.
        there.IsReady = false;
        await SaysAsync(gateway, $"token-api at {there.Address}/ is not ready");
        there.IsReady = true;
        await SaysAsync(gateway, $"token-api at {there.Address}/ is ready");
        Assert.Single(gateway.Log, line => line.Contains("admin-web", StringComparison.Ordinal));
        Assert.DoesNotContain(gateway.Log, line => line.Contains(nameof(HttpRequestException), StringComparison.Ordinal));
    }

    /// <summary>
    /// Passive checks: it says that it is well, but breaks connections, and that is noticed. Until then each request is sent once, and no other replica gets what this
    /// one has got: it may have been carried out.
    /// </summary>
    [Fact]
    public async Task Replica_ThatBreaksConnections_GetsNothingForAWhileAndNothingIsSentTwice()
    {
        await using var broken = await StandInReplica.StartAsync(
            async context =>
            {
                await context.Request.Body.CopyToAsync(Stream.Null, Cancellation);
                context.Abort();
            },
            Cancellation);
        await using var whole = await StandInReplica.StartAsync(_ => Task.CompletedTask, Cancellation);
        using var gateway = await StartAsync(broken, whole, new() { ["LoadBalancingPolicy"] = "RoundRobin" });

        var (sent, succeeded, inARow) = (0, 0, 0);
        while (inARow < ShortRound)
        {
            Assert.True(sent < 500, "It goes on getting requests");
            var status = await PostAsync(gateway);
            Assert.Contains(status, (HttpStatusCode[])[HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable]);
            sent++;
            (succeeded, inARow) = status == HttpStatusCode.OK ? (succeeded + 1, inARow + 1) : (succeeded, 0);
        }

        Assert.Equal((succeeded, sent - succeeded), (whole.Asked, broken.Asked));
        Assert.NotEqual(0, broken.Asked);
    }

    /// <summary>Whoever is in front of a service is ready while one of its replicas is: a roll-out of theirs must not take it out too.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Gateway_WhileOneOfItsReplicasIsNotReady_IsReady(bool replicaHangs)
    {
        await using var one = await StandInReplica.StartAsync(_ => Task.CompletedTask, Cancellation);
        await using var other = await StandInReplica.StartAsync(_ => Task.CompletedTask, Cancellation);
        using var gateway = await StartAsync(one, other, new() { ["HealthCheck__Active__Enabled"] = "false" });
        (one.IsReady, one.IsHanging) = (replicaHangs, replicaHangs);

        // By turns each of them would be asked first.
        var before = other.AskedHowItIs;
        await Eventually.TrueAsync(
            async () =>
            {
                Assert.True(await gateway.IsReadyAsync(Cancellation));
                return other.AskedHowItIs >= before + 4;
            },
            Cancellation);

        other.IsReady = false;
        await Eventually.TrueAsync(async () => !await gateway.IsReadyAsync(Cancellation), Cancellation);
        // All gateways are like this one: whoever distributes requests among them must not take them all away.
        using var serving = await gateway.Http.GetAsync(Serving, Cancellation);
        Assert.Equal(HttpStatusCode.OK, serving.StatusCode);
    }

    /// <summary>A roll-out of gateways that reach nothing stops before the last one that does is gone.</summary>
    [Fact]
    public async Task Gateway_ThatHasReachedNoReplicaYet_TakesNoRequests()
    {
        using (var gateway = await InFrontOfAsync("http://127.0.0.1:1"))
        using (var answer = await gateway.Http.GetAsync(Serving, Cancellation))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Contains("\"replicas\"", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        }

        // One that has, if only to hear that nothing is ready, does.
        await using var replica = await StandInReplica.StartAsync(_ => Task.CompletedTask, Cancellation);
        replica.IsReady = false;
        using var other = await InFrontOfAsync(replica.Address);
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await other.Http.GetAsync(Serving, Cancellation);
                return answer.IsSuccessStatusCode;
            },
            Cancellation);
        Assert.False(await other.IsReadyAsync(Cancellation));

        static Task<RunningService> InFrontOfAsync(string address)
        {
            var services = new[] { ResourceNames.KeyManager, ResourceNames.AdminWeb, ResourceNames.TokenApi };
            return RunningService.ListenAsync("AuthPlatform.Gateway", services.ToDictionary(service => $"services__{service}__http__0", _ => address), Cancellation);
        }
    }

    /// <summary>Nobody new gets in, and whoever is in is served to the end.</summary>
    [Fact]
    public async Task Request_UnderWayWhenTheGatewayIsToldToStop_IsAnswered()
    {
        var (arrived, mayAnswer) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var replica = await StandInReplica.StartAsync(
            async context =>
            {
                arrived.SetResult();
                await mayAnswer.Task.WaitAsync(Cancellation);
                await context.Response.WriteAsync("to the end", Cancellation);
            },
            Cancellation);
        using var gateway = await StartAsync(replica, replica, []);

        using var body = new StringContent("{}");
        var asking = gateway.Http.PostAsync(new Uri("/auth/token", UriKind.Relative), body, Cancellation);
        await arrived.Task.WaitAsync(Cancellation);
        var stopping = gateway.StopAsync(Cancellation);
        await Eventually.TrueAsync(async () => !await TakesConnectionsAsync(gateway.Http.BaseAddress!), Cancellation);
        Assert.False(asking.IsCompleted || stopping.IsCompleted);
        mayAnswer.SetResult();

        using var response = await asking;
        Assert.Equal("to the end", await response.Content.ReadAsStringAsync(Cancellation));
        await stopping;
    }

    private static Task SaysAsync(RunningService gateway, string what) =>
        Eventually.TrueAsync(() => Task.FromResult(gateway.Log.Any(line => line.Contains(what, StringComparison.Ordinal))), Cancellation);

    private Task<RunningService> StartAsync(StandInReplica one, StandInReplica other, Dictionary<string, string> clusterSettings, Dictionary<string, string>? otherSettings = null)
    {
        var settings = otherSettings ?? [];
        foreach (var (name, value) in clusterSettings)
        {
            settings[$"ReverseProxy__Clusters__token-api__{name}"] = value;
        }

        settings["services__token-api__http__0"] = one.Address;
        settings["services__token-api__http__1"] = other.Address;
        return GatewayProcess.StartAsync(platform, settings, Cancellation);
    }

    private static async Task<HttpStatusCode> PostAsync(RunningService gateway)
    {
        using var body = new StringContent("{}");
        using var response = await gateway.Http.PostAsync(new Uri("/auth/token", UriKind.Relative), body, Cancellation);
        return response.StatusCode;
    }

    private static async Task<bool> TakesConnectionsAsync(Uri address)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(address.Host, address.Port, Cancellation);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
