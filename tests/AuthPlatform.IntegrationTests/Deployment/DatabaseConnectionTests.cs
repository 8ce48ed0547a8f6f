using System.Globalization;
using System.Text.RegularExpressions;
using AuthPlatform.Contracts;
using YamlDotNet.RepresentationModel;

namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>The servers that are shipped take all connections that the replicas may hold: one too many is refused, and with it what somebody asked for.</summary>
public sealed partial class DatabaseConnectionTests
{
    /// <summary>Of the Migration Worker, the command line and an operator, and those that PostgreSQL keeps for superusers.</summary>
    private const int Others = 15;

    private const int Default = 100;

    /// <summary>What a replica holds at most; that this is so is a unit test.</summary>
    private static readonly Dictionary<string, int> Pools = ReadPools();

    private readonly string _deployment = Repository.Read("docs/deployment.md");

    [Theory]
    [InlineData(ResourceNames.AuthDatabase, 2)]
    [InlineData(ResourceNames.KeysDatabase, 1)]
    public void Servers_InKubernetes_TakeAllThatTheAutoscalersMayStart(string database, int services)
    {
        var manifests = new KubernetesManifests(KubernetesManifests.Files.Select(File.ReadAllText));
        var users = manifests.Services.Where(service => Pools.ContainsKey(service.Name) && service.Secrets.ContainsKey($"ConnectionStrings__{database}")).Select(service => service.Name).ToList();
        Assert.Equal(services, users.Count);
        var held = users.Sum(service => Pools[service] * Replicas(manifests, service));

        Assert.InRange(held + Others, 1, Limit(KubernetesManifests.ContainerOf(manifests.Find("StatefulSet", database)!).Find("args")));
        Assert.Matches($@"\b{held} (connections )?to `{database}`", _deployment);
    }

    /// <summary>With as many replicas as the documentation shows.</summary>
    [Fact]
    public void Server_InCompose_TakesAllOfTheDocumentedReplicas()
    {
        var compose = new ComposeFile(Repository.Read("docker-compose.yml"));
        var scaled = _deployment.Split("```yaml\n")[1..].Select(rest => new ComposeFile(rest[..rest.IndexOf("\n```", StringComparison.Ordinal)]))
            .SelectMany(file => file.Services).Where(service => service.Value.Find("deploy") is not null)
            .ToDictionary(service => service.Key, service => KubernetesManifests.Number(service.Value.Find("deploy", "replicas")));
        Assert.Equal(Pools.Keys.Order(), scaled.Keys.Order());

        Assert.InRange(Pools.Sum(pool => pool.Value * scaled[pool.Key]) + Others, 1, Limit(compose["postgres"].Find("command")));
    }

    /// <summary>One more than the autoscaler's most while they are replaced.</summary>
    private static int Replicas(KubernetesManifests manifests, string service) =>
        KubernetesManifests.Number(manifests.Find("HorizontalPodAutoscaler", service).Find("spec", "maxReplicas"))
        + KubernetesManifests.Number(manifests.Find("Deployment", service).Find("spec", "strategy", "rollingUpdate", "maxSurge"));

    private static int Limit(YamlNode? arguments) =>
        arguments.Texts().Select(argument => MaxConnections().Match(argument)).SingleOrDefault(match => match.Success) is { } found
            ? int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture)
            : Default;

    private static Dictionary<string, int> ReadPools()
    {
        var sentence = Sentence().Match(Repository.Read("docs/operations.md"));
        Assert.True(sentence.Success, "docs/operations.md does not say how many connections a replica holds.");
        string[] services = [ResourceNames.TokenApi, ResourceNames.AdminWeb, ResourceNames.KeyManager];
        return services.Index().ToDictionary(service => service.Item, service => int.Parse(sentence.Groups[service.Index + 1].Value, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@"at most (\d+) connections to `authdb` as a Token API, (\d+) as an Admin Web, and (\d+) to `keysdb` as a Key Manager")]
    private static partial Regex Sentence();

    [GeneratedRegex(@"^max_connections=(\d+)$")]
    private static partial Regex MaxConnections();
}
