using System.Net;
using System.Net.Sockets;
using Aspire.Hosting.Running;
using Microsoft.Extensions.Configuration;

namespace AuthPlatform.UnitTests.Hosting;

public sealed class DashboardEndpointsTests
{
    [Fact]
    public void Address_ThatAnotherAppHostHas_IsReplacedByAFreeOne()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var (taken, free) = (PortOf(other), FreePort());
        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection([new("ASPNETCORE_URLS", $"http://localhost:{taken}"), new("ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL", $"http://localhost:{free}")])
            .Build();

        var endpoints = DashboardEndpoints.Choose(settings);

        Assert.NotEqual(taken, new Uri(endpoints.FrontendUrl).Port);
        Assert.Equal($"http://localhost:{free}", endpoints.ResourceServiceUrl);
        Assert.False(FreePorts.TryTake(free)); // no service gets it
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return PortOf(listener);
    }

    private static int PortOf(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;
}
