using YamlDotNet.RepresentationModel;

namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>What an installation puts on top of the manifests, and the script by which operators run the command line in a cluster.</summary>
public sealed class KubernetesExampleTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Every image comes from the registry that is named, at one version.</summary>
    [Fact]
    public void Example_OfAllImages_NamesRegistryAndVersion()
    {
        var images = Read("shared").Find("images").Items().ToList();
        var manifests = new KubernetesManifests(KubernetesManifests.Files.Select(File.ReadAllText));
        Assert.Equal(manifests.Services.Append(manifests.CommandLine).Select(service => service.Image).Order(), images.Select(image => image.Find("name").Text()!).Order());
        Assert.All(images, image => Assert.Equal($"registry.example.com/{image.Find("name").Text()}", image.Find("newName").Text()));
        Assert.Single(images.Select(image => image.Find("newTag").Text()).Distinct());
        foreach (var folder in KubernetesManifests.Bases)
        {
            Assert.Equal($"../../{folder}", Read(folder).Find("resources").Texts().First());
            Assert.Equal(["../shared"], Read(folder).Find("components").Texts());
        }
    }

    /// <summary>Prometheus looks where every replica is found, ready or not, and a policy lets it in there.</summary>
    [Fact]
    public void Telemetry_OfTheExample_IsWherePrometheusLooks()
    {
        var telemetry = new KubernetesManifests([Repository.Read("deploy/kubernetes/example/telemetry/services.yaml"), Repository.Read("deploy/kubernetes/example/telemetry/network-policy.yaml")]);
        var looked = Yaml.Read(Repository.Read("deploy/observability/prometheus.yml")).Single().Find("scrape_configs").Items().Select(job => job.Find("dns_sd_configs").Items().Single()).ToList();
        var services = telemetry.OfKind("Service").ToList();
        Assert.Equal(looked.Select(config => config.Find("names").Texts().Single()).Order(), services.Select(service => $"{KubernetesManifests.NameOf(service)}.authplatform").Order());
        var port = looked.Select(config => config.Find("port").Text()).Distinct().Single();
        foreach (var service in services)
        {
            Assert.Equal("None", service.Find("spec", "clusterIP").Text());
            Assert.Equal("true", service.Find("spec", "publishNotReadyAddresses").Text());
            Assert.Equal(KubernetesManifests.NameOf(service), $"{service.Find("spec", "selector", "app.kubernetes.io/name").Text()}-metrics");
            Assert.Equal(port, service.Find("spec", "ports").Items().Single().Find("port").Text());
        }

        var open = telemetry.Find("NetworkPolicy", "telemetry").Find("spec", "ingress").Items().Single();
        Assert.Equal(port, open.Find("ports").Items().Single().Find("port").Text());
        Assert.NotNull(open.Find("from").Items().Single().Find("podSelector"));
    }

    /// <summary>The log of a pod may be collected: no command leaves a secret in it.</summary>
    [Fact]
    public async Task CommandLine_ThatWouldShowASecret_IsRefused()
    {
        string[][] refused = [["apps", "create", "--name", "Web shop"], ["--print", "apps", "rotate-secret", "my-app"], ["--print", "admins", "reset", "ada", "--yes"], ["apps", "show", "two\nlines"], []];
        foreach (var arguments in refused)
        {
            var (exitCode, log) = await CliAsync(arguments);
            Assert.True(exitCode == 2, log);
        }
    }

    private static YamlNode Read(string folder) => Yaml.Read(Repository.Read($"deploy/kubernetes/example/{folder}/kustomization.yaml")).Single();

    private static Task<(int ExitCode, string Log)> CliAsync(string[] arguments) => KubernetesTools.RunAsync("sh", [Repository.PathOf("deploy/kubernetes/cli.sh"), .. arguments], Cancellation);
}
