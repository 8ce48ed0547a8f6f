using System.Text.RegularExpressions;
using Npgsql;
using YamlDotNet.RepresentationModel;

namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>PostgreSQL and Redis of one's own, with certificates of an authority that is not a public one: everybody who talks to them knows it by the same file.</summary>
public sealed partial class OwnStoresTests
{
    private readonly ComposeFile _compose = new(Repository.Read("docker-compose.yml"));
    private readonly ComposeFile _override = new(Repository.Read("deploy/own-stores.yml"));

    [Fact]
    public void Override_ForStoresOfOnesOwn_ReachesAllWhoTalkToThem()
    {
        var users = _compose.Built.Append(_compose.CommandLine).Where(service => service.Secrets.Keys.Any(KubernetesManifests.IsConnection)).Select(service => service.Name).ToList();
        var shipped = _compose.Services.Select(service => service.Key).Where(name => _compose[name].Find("build") is null).ToList();
        Assert.Equal(["postgres", "redis"], shipped.Order());
        Assert.Equal(users.Concat(shipped).Order(), _override.Services.Select(service => service.Key).Order());
        foreach (var name in users)
        {
            var service = _override[name];
            Assert.EndsWith($":{FileOf(service)}:ro", Assert.Single(service.Find("volumes").Texts()), StringComparison.Ordinal);
            Assert.Equal(["stores"], service.Find("networks").Texts());
            // They wait for nobody who is not started.
            var waits = _compose[name].Find("depends_on").Entries().Where(wait => shipped.Contains(wait.Key)).Select(wait => wait.Key);
            Assert.Equal(waits, service.Find("depends_on").Entries().Where(wait => wait.Value.Find("required").Text() == "false").Select(wait => wait.Key));
        }

        Assert.All(shipped, name => Assert.NotEmpty(_override[name].Find("profiles").Texts()));
        var (network, settings) = Assert.Single(_override.Networks);
        Assert.Equal("stores", network);
        Assert.Null(settings.Find("internal"));
    }

    /// <summary>The connection strings that the documentation has made name the file that is mounted, here and in Kubernetes.</summary>
    [Fact]
    public void ConnectionStrings_InTheDocumentation_NameTheFileThatIsMounted()
    {
        var options = Options().Matches(Repository.Read("docs/deployment.md")).Select(match => new NpgsqlConnectionStringBuilder(match.Groups[1].Value)).Where(found => found.RootCertificate is not null).ToList();
        Assert.Equal(2, options.Count);
        var patch = Repository.Read("deploy/kubernetes/example/stores-ca/kustomization.yaml");
        Assert.All(options, found =>
        {
            Assert.Equal((SslMode.VerifyFull, FileOf(_override["token-api"])), (found.SslMode, found.RootCertificate));
            Assert.Contains($"name: SSL_CERT_FILE, value: {found.RootCertificate} ", patch, StringComparison.Ordinal);
        });
    }

    /// <summary>One that is left out would be the store of Compose, which is not started; and what the script has made it does not make again.</summary>
    [Fact]
    public void Secrets_InTheDocumentation_AreMadeWithTheHostsOfAllStores()
    {
        var hosts = Hosts().Matches(Repository.Read("deploy/make-secrets.sh")).Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(["AUTHDB_HOST", "KEYSDB_HOST", "REDIS_HOST"], hosts.Order());
        var calls = Repository.Read("docs/deployment.md").Split('\n').Where(line => line.Contains(".example.com", StringComparison.Ordinal) && line.Contains(" deploy/make-secrets.sh", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, calls.Count);
        Assert.All(calls, call => Assert.All(hosts, host => Assert.Contains($"{host}=", call, StringComparison.Ordinal)));
    }

    private static string? FileOf(YamlNode service) => service.Find("environment", "SSL_CERT_FILE").Text();

    [GeneratedRegex("DATABASE_OPTIONS='([^']+)'")]
    private static partial Regex Options();

    [GeneratedRegex(@"\$\{([A-Z]+_HOST):-")]
    private static partial Regex Hosts();
}
