using AuthPlatform.Gateway;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;

namespace AuthPlatform.UnitTests.Gateway;

public sealed class ReadyFirstTests
{
    [Theory]
    [InlineData("ready new", "ready")]
    [InlineData("ready not-ready", "ready")]
    [InlineData("ready failing", "ready")]
    [InlineData("new not-ready", "new")]
    [InlineData("not-ready failing", "not-ready failing")]
    [InlineData("new", "new")]
    public void Destinations_OfACluster_AreTheBestThereAre(string all, string expected)
    {
        var destinations = all.Split(' ').Select(Destination).ToList();

        var available = new ReadyFirst().GetAvailalableDestinations(new ClusterConfig(), destinations);

        Assert.Equal(expected, string.Join(' ', available.Select(d => d.DestinationId)));
    }

    private static DestinationState Destination(string kind)
    {
        var destination = new DestinationState(kind);
        destination.Health.Active = kind switch
        {
            "new" => DestinationHealth.Unknown,
            "not-ready" => DestinationHealth.Unhealthy,
            _ => DestinationHealth.Healthy,
        };
        destination.Health.Passive = kind == "failing" ? DestinationHealth.Unhealthy : DestinationHealth.Unknown;
        return destination;
    }
}
