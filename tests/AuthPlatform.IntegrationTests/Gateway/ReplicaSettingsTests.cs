using System.Text.Json;
using AuthPlatform.IntegrationTests.Deployment;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Gateway;

/// <summary>What the gateway's settings say of the replicas behind it.</summary>
public sealed class ReplicaSettingsTests
{
    /// <summary>By the proxy's own policy, clients could have good replicas taken out.</summary>
    [Fact]
    public void Replicas_OfEachService_AreTakenOutByOurOwnPolicy()
    {
        var clusters = JsonElement.Parse(Repository.Read("AuthPlatform.Gateway/appsettings.json")).GetProperty("ReverseProxy").GetProperty("Clusters");

        Assert.All(clusters.EnumerateObject(), cluster => Assert.Equal("ReplicaFailureRate", cluster.Value.GetProperty("HealthCheck").GetProperty("Passive").Text("Policy")));
    }
}
