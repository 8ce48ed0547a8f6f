using System.Net;
using AuthPlatform.Gateway;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace AuthPlatform.UnitTests.Gateway;

public sealed class ReplicaFailureRateTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Whose fault it is that a body does not get through to its end, nobody knows: clients could bring it about.</summary>
    [Theory]
    [InlineData(ForwarderError.Request, DestinationHealth.Unhealthy)]
    [InlineData(ForwarderError.ResponseBodyDestination, DestinationHealth.Unhealthy)]
    [InlineData(ForwarderError.RequestBodyDestination, DestinationHealth.Unknown)]
    public async Task Replica_ThatFailsManyRequests_IsOutUnlessItWasInTheMiddleOfTheirBodies(ForwarderError error, DestinationHealth expected)
    {
        await using var proxy = await StartAsync(error);
        using var client = new HttpClient();
        // Ten is the least that counts.
        for (var i = 0; i < 12; i++)
        {
            using var response = await client.GetAsync(new Uri(proxy.Urls.Single()), Cancellation);
            Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        }

        Assert.True(proxy.Services.GetRequiredService<IProxyStateLookup>().TryGetCluster("replicas", out var cluster));
        Assert.Equal(expected, Assert.Single(cluster.Destinations.Values).Health.Passive);
    }

    /// <summary>A proxy in front of a replica with which each request ends in the same way.</summary>
    private static async Task<WebApplication> StartAsync(ForwarderError error)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting().AddLogging().AddSingleton<IPassiveHealthCheckPolicy, ReplicaFailureRate>();
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = "replicas", Match = new RouteMatch { Path = "{**rest}" } }],
            [
                new ClusterConfig
                {
                    ClusterId = "replicas",
                    Destinations = new Dictionary<string, DestinationConfig> { ["only"] = new() { Address = "http://localhost" } },
                    HealthCheck = new HealthCheckConfig { Passive = new PassiveHealthCheckConfig { Enabled = true, Policy = ReplicaFailureRate.PolicyName } },
                },
            ]);
        var app = builder.Build();
        app.MapReverseProxy(proxy =>
        {
            proxy.UsePassiveHealthChecks();
            proxy.Run(context =>
            {
                var feature = context.GetReverseProxyFeature();
                feature.ProxiedDestination = feature.AllDestinations[0];
                context.Features.Set<IForwarderErrorFeature>(new Failed(error));
                context.Response.StatusCode = StatusCodes.Status502BadGateway;
                return Task.CompletedTask;
            });
        });
        await app.StartAsync(Cancellation);
        return app;
    }

    private sealed record Failed(ForwarderError Error) : IForwarderErrorFeature
    {
        public Exception? Exception => null;
    }
}
