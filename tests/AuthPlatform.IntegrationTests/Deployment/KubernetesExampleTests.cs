using System.Diagnostics;
using System.Text.Json;
using AuthPlatform.IntegrationTests.Infrastructure;
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

    [Fact]
    public async Task Example_RenderedByKubectl_IsClosedButForTheIngress()
    {
        Assert.SkipUnless(await HasKubectlAsync(), "kubectl is not here");

        foreach (var folder in KubernetesManifests.Bases)
        {
            var rendered = await RenderAsync(folder);
            Assert.All(rendered.Workloads, workload => Assert.Matches("^registry\\.example\\.com/authplatform/[a-z-]+:1\\.0$", KubernetesManifests.ContainerOf(workload).Find("image").Text()));
            // Whichever of them is applied last leaves the same.
            var entrance = rendered.Find("NetworkPolicy", "gateway").Find("spec", "ingress").Items().SelectMany(rule => rule.Find("from").Items());
            Assert.Equal(folder == "cli" ? 0 : 1, entrance.Count());
        }

        var services = await RenderAsync("services");
        Assert.Equal("gateway", Assert.Single(services.OfKind("Ingress")).Find("spec", "rules").Items().Single().Find("http", "paths").Items().Single().Find("backend", "service", "name").Text());
        Assert.Contains("TrustedProxies__Addresses__0", services.Services.Single(service => service.Name == "gateway").Plain.Keys);
        Assert.Null(services.Find("NetworkPolicy", "telemetry"));
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

    /// <summary>Quotes, backslashes and what looks like a variable reach the command as they were typed. Kubernetes reads <c>$$</c> as <c>$</c>.</summary>
    [Fact]
    public async Task CommandLine_WithArguments_GetsThemAsTheyAre()
    {
        Assert.SkipUnless(await HasKubectlAsync(), "kubectl is not here");

        string[] arguments = ["apps", "set", "my-app", "--name", """a "b" \ 'c' $(HOME) $$ é %s""", ""];
        var (exitCode, job) = await CliAsync(["--print", .. arguments]);
        Assert.True(exitCode == 0, job);
        using var printed = JsonDocument.Parse(job);
        var container = printed.RootElement.GetProperty("spec").GetProperty("template").GetProperty("spec").GetProperty("containers")[0];
        Assert.Equal(arguments, container.GetProperty("args").EnumerateArray().Select(argument => argument.GetString()!.Replace("$$", "$", StringComparison.Ordinal)));
        Assert.Equal("cli-", printed.RootElement.GetProperty("metadata").GetProperty("generateName").GetString());
        Assert.False(printed.RootElement.GetProperty("metadata").TryGetProperty("name", out _));
    }

    /// <summary>The log of a pod may be collected: no command leaves a secret in it.</summary>
    [Fact]
    public async Task CommandLine_ThatWouldShowASecret_IsRefused()
    {
        string[][] refused = [["apps", "create", "--name", "Web shop"], ["--print", "apps", "rotate-secret", "my-app"], ["apps", "show", "two\nlines"], []];
        foreach (var arguments in refused)
        {
            var (exitCode, log) = await CliAsync(arguments);
            Assert.True(exitCode == 2, log);
        }
    }

    private static YamlNode Read(string folder) => Yaml.Read(Repository.Read($"deploy/kubernetes/example/{folder}/kustomization.yaml")).Single();

    private static async Task<KubernetesManifests> RenderAsync(string folder)
    {
        var (exitCode, text) = await RunAsync("kubectl", ["kustomize", Repository.PathOf($"deploy/kubernetes/example/{folder}")]);
        Assert.True(exitCode == 0, text);
        return new KubernetesManifests([text]);
    }

    private static async Task<bool> HasKubectlAsync()
    {
        var (exitCode, _) = await RunAsync("sh", ["-c", "command -v kubectl"]);
        return exitCode == 0;
    }

    private static Task<(int ExitCode, string Log)> CliAsync(string[] arguments) => RunAsync("sh", [Repository.PathOf("deploy/kubernetes/cli.sh"), .. arguments]);

    private static async Task<(int ExitCode, string Log)> RunAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["KUSTOMIZATION"] = Repository.PathOf("deploy/kubernetes/example/cli");
        return await Process.Start(start)!.FinishAsync(Cancellation);
    }
}
