using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>Where a network has no addresses of a caller's kind, Docker passes connections on from one of its own: to the gateway all who came like that would be one.</summary>
public sealed partial class ComposePortTests
{
    private readonly ComposeFile _compose = new(Repository.Read("docker-compose.yml"));

    [Fact]
    public void Ports_OfAKindThatTheirNetworkLacks_AreNotPublished()
    {
        List<ComposeFile> documented = [.. Repository.Read("docs/deployment.md").Split("```yaml\n")[1..].Select(rest => new ComposeFile(rest[..rest.IndexOf("\n```", StringComparison.Ordinal)]))];
        Assert.NotEmpty(PublishedAt(_compose));
        Assert.Single(documented, file => PublishedAt(file).Any());
        foreach (var file in documented.Append(_compose))
        {
            Assert.All(PublishedAt(file), address => Assert.True(IsIPv4(address) || HasIPv6(file), $"{address} is published, but not by IPv6"));
        }
    }

    /// <summary>What the documentation puts on top keeps the addresses that there are.</summary>
    [Fact]
    public void Override_ForIPv6_KeepsTheNetworkOfIPv4()
    {
        var before = Assert.Single(Subnets(_compose));
        Assert.Contains($$"""{ subnet: "${AUTHPLATFORM_PUBLIC_SUBNET:-{{before}}}" }, {""", Repository.Read("docs/deployment.md"), StringComparison.Ordinal);
    }

    /// <summary>With IPv6 in its network the gateway has two addresses, and Docker passes each kind on to its own.</summary>
    [Fact]
    public void Addresses_ToListenAt_AreThoseOfBothKinds()
    {
        var documented = Directory.EnumerateFiles(Repository.PathOf("docs"), "*.md").SelectMany(document => ListenedAt().Matches(File.ReadAllText(document))).Select(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(documented);
        Assert.All(documented, url => Assert.Contains("://+:", url, StringComparison.Ordinal));
    }

    private static IEnumerable<string> PublishedAt(ComposeFile file) =>
        file.Services.SelectMany(service => service.Value.Find("ports").Items()).Select(port => port.Find("host_ip").Text() ?? "");

    private static bool IsIPv4(string address) => IPAddress.TryParse(address, out var parsed) && parsed.AddressFamily == AddressFamily.InterNetwork;

    private static bool HasIPv6(ComposeFile file) =>
        file.Networks.Any(network => network.Key == "public" && network.Value.Find("enable_ipv6").Text() == "true") && Subnets(file).Any(subnet => subnet.Contains(':', StringComparison.Ordinal));

    private static IEnumerable<string> Subnets(ComposeFile file) =>
        file.Networks.Where(network => network.Key == "public").SelectMany(network => network.Value.Find("ipam", "config").Items()).Select(config => config.Find("subnet").Text()!);

    [GeneratedRegex(@"ASPNETCORE_URLS(?:=|: )([^\s`]+)")]
    private static partial Regex ListenedAt();
}
