using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running;
using Microsoft.Extensions.Configuration;

namespace AuthPlatform.UnitTests.Hosting;

public sealed class DashboardEndpointsTests : IDisposable
{
    private readonly DirectoryInfo _nodeModules = Directory.CreateTempSubdirectory("node-modules");

    public void Dispose() => _nodeModules.Delete(recursive: true);

    [Fact]
    public void Address_ThatAnotherAppHostHas_IsReplacedByAFreeOne()
    {
        _nodeModules.CreateSubdirectory("@microsoft/aspire-cli-linux-x64");
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var (taken, free) = (PortOf(other), FreePort());
        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection([new("ASPNETCORE_URLS", $"http://localhost:{taken}"), new("ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL", $"http://localhost:{free}")])
            .Build();

        var endpoints = DashboardEndpoints.Choose(settings, _nodeModules.FullName)!;

        Assert.NotEqual(taken, new Uri(endpoints.FrontendUrl).Port);
        Assert.Equal($"http://localhost:{free}", endpoints.ResourceServiceUrl);
        Assert.False(FreePorts.TryTake(free)); // no service gets it
    }

    /// <summary>Anybody on this machine may listen where it would have been.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Project_WhereThereIsNoDashboard_SendsItsTelemetryNowhere(bool hasDashboard)
    {
        _nodeModules.CreateSubdirectory(hasDashboard ? "@microsoft/aspire-cli-linux-x64" : "@microsoft/playwright");
        var endpoints = DashboardEndpoints.Choose(new ConfigurationBuilder().Build(), _nodeModules.FullName);

        var environment = ProjectEnvironment.Defaults(new ProjectResource("gateway"), 0, "gateway-abcdefgh", new LaunchProfile(null, [], new Dictionary<string, string>()), endpoints);

        Assert.Equal(hasDashboard, environment.ContainsKey("OTEL_EXPORTER_OTLP_ENDPOINT"));
    }

    /// <summary>Below the ranges from which systems and hosts take ports: one of those could have it before the host is asked.</summary>
    private static int FreePort()
    {
        int port;
        do
        {
            port = RandomNumberGenerator.GetInt32(10_000, 20_000);
        }
        while (!FreePorts.IsFree(port));

        return port;
    }

    private static int PortOf(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;
}
