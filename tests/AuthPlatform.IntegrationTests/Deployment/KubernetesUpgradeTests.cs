using System.Text.RegularExpressions;

namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>One service after the other is replaced, each by its label (docs/deployment.md).</summary>
public sealed partial class KubernetesUpgradeTests
{
    private readonly KubernetesManifests _manifests = new(KubernetesManifests.Files.Select(File.ReadAllText));

    private IEnumerable<string> Deployments => _manifests.OfKind("Deployment").Select(KubernetesManifests.NameOf);

    [Theory]
    [InlineData("Deployment")]
    [InlineData("Service")]
    [InlineData("PodDisruptionBudget")]
    [InlineData("HorizontalPodAutoscaler")]
    public void Manifests_OfAService_AreSelectedByItsName(string kind) =>
        Assert.All(Deployments, name => Assert.Equal(name, _manifests.Find(kind, name).Find("metadata", "labels", "app.kubernetes.io/name").Text()));

    /// <summary>A new version may ask another service for what only its new version answers; the way back is the opposite.</summary>
    [Fact]
    public async Task Upgrade_InTheDocumentation_ReplacesThoseWhoAreAskedFirst()
    {
        var orders = Replaced().Matches(Repository.Read("docs/deployment.md")).Select(match => match.Groups[1].Value.Split(' ').ToList()).ToList();
        Assert.Equal(2, orders.Count);
        Assert.Equal(Deployments.Order(), orders[0].Order());
        Assert.Equal(orders[0], Enumerable.Reverse(orders[1]));
        foreach (var service in (await AppHostModel.Current).Services.Where(service => orders[0].Contains(service.Name)))
        {
            Assert.All(service.Partners.Where(orders[0].Contains), partner => Assert.True(orders[0].IndexOf(partner) < orders[0].IndexOf(service.Name), $"{service.Name} before {partner}"));
        }
    }

    [GeneratedRegex(@"\breplace ((?:[a-z-]+ )+[a-z-]+)\b")]
    private static partial Regex Replaced();
}
