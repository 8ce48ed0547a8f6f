using System.Text.Json;
using YamlDotNet.RepresentationModel;

namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>What kubectl makes of the example and of the script's Job; compiled where it is installed.</summary>
public sealed class KubernetesRenderingTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Example_RenderedByKubectl_IsClosedButForTheIngress()
    {
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

    /// <summary>What an installation may need besides, named in its shared component as docs/deployment.md says.</summary>
    [Fact]
    public async Task Components_RenderedByKubectl_ReachWhomTheyAreFor()
    {
        var copy = Directory.CreateTempSubdirectory("authplatform-kubernetes-");
        try
        {
            await CopyAsync(Repository.PathOf("deploy/kubernetes"), copy.FullName);
            var root = Path.Combine(copy.FullName, "kubernetes", "example");
            await File.AppendAllTextAsync(Path.Combine(root, "shared", "kustomization.yaml"), "components: [../stores-ca, ../openshift]\n", Cancellation);
            foreach (var folder in KubernetesManifests.Bases)
            {
                var rendered = await RenderAsync(folder, root);
                foreach (var workload in rendered.Workloads.Concat(rendered.OfKind("StatefulSet")))
                {
                    var pod = KubernetesManifests.PodOf(workload);
                    Assert.Equal(["runAsNonRoot", "seccompProfile"], pod.Find("securityContext").Entries().Select(entry => entry.Key).Order());
                    Assert.Equal(KubernetesManifests.TalksToStores(workload) ? "/run/stores-ca/ca.crt of stores-ca" : null, AuthorityOf(workload));
                }

                var dns = rendered.Find("NetworkPolicy", "dns").Find("spec", "egress").Items().SelectMany(rule => rule.Find("ports").Items()).Select(port => port.Find("port").Text());
                string[] ports = folder == "cli" ? [] : ["5353", "5353"];
                Assert.Equal(ports, dns);
            }
        }
        finally
        {
            copy.Delete(recursive: true);
        }
    }

    /// <summary>Quotes, backslashes and what looks like a variable reach the command as they were typed. Kubernetes reads <c>$$</c> as <c>$</c>.</summary>
    [Fact]
    public async Task CommandLine_WithArguments_GetsThemAsTheyAre()
    {
        string[] arguments = ["apps", "set", "my-app", "--name", """a "b" \ 'c' $(HOME) $$ é %s""", ""];
        var job = await JobAsync(arguments);
        Assert.Equal(arguments, ContainerOf(job).GetProperty("args").EnumerateArray().Select(argument => argument.GetString()!.Replace("$$", "$", StringComparison.Ordinal)));
        Assert.Equal("cli-", job.GetProperty("metadata").GetProperty("generateName").GetString());
        Assert.False(job.GetProperty("metadata").TryGetProperty("name", out _));
    }

    /// <summary>The audit would name the account of the pod otherwise, which is the same for everybody.</summary>
    [Fact]
    public async Task CommandLine_OfSomebodyWhoSaysWhoTheyAre_HasTheirName()
    {
        const string Name = """ada "the first" \ $(HOME) $$""";
        var variable = Assert.Single(ContainerOf(await JobAsync(["doctor"], Name)).GetProperty("env").EnumerateArray());
        Assert.Equal("AUTHPLATFORM_OPERATOR", variable.GetProperty("name").GetString());
        Assert.Equal(Name, variable.GetProperty("value").GetString()!.Replace("$$", "$", StringComparison.Ordinal));

        Assert.Empty(ContainerOf(await JobAsync(["doctor"])).GetProperty("env").EnumerateArray());
    }

    private static async Task<JsonElement> JobAsync(string[] arguments, string operatorName = "")
    {
        var (exitCode, job) = await KubernetesTools.RunAsync("sh", [Repository.PathOf("deploy/kubernetes/cli.sh"), "--print", .. arguments], Cancellation, operatorName);
        Assert.True(exitCode == 0, job);
        return JsonElement.Parse(job);
    }

    private static JsonElement ContainerOf(JsonElement job) => job.GetProperty("spec").GetProperty("template").GetProperty("spec").GetProperty("containers")[0];

    /// <summary>The file that it is told to trust, and the ConfigMap that is mounted there; null when it is told nothing.</summary>
    private static string? AuthorityOf(YamlNode workload)
    {
        var container = KubernetesManifests.ContainerOf(workload);
        if (container.Find("env").Items().SingleOrDefault(variable => variable.Find("name").Text() == "SSL_CERT_FILE").Find("value").Text() is not { } file)
        {
            return null;
        }

        var mounted = container.Find("volumeMounts").Items().Single(mount => mount.Find("mountPath").Text() == Path.GetDirectoryName(file));
        Assert.Equal("true", mounted.Find("readOnly").Text());
        var volume = KubernetesManifests.PodOf(workload).Find("volumes").Items().Single(volume => volume.Find("name").Text() == mounted.Find("name").Text());
        return $"{file} of {volume.Find("configMap", "name").Text()}";
    }

    private static async Task CopyAsync(string folder, string target)
    {
        var (exitCode, log) = await KubernetesTools.RunAsync("cp", ["-r", folder, target], Cancellation);
        Assert.True(exitCode == 0, log);
    }

    private static Task<KubernetesManifests> RenderAsync(string folder) => RenderAsync(folder, Repository.PathOf("deploy/kubernetes/example"));

    private static async Task<KubernetesManifests> RenderAsync(string folder, string root)
    {
        var (exitCode, text) = await KubernetesTools.RunAsync("kubectl", ["kustomize", Path.Combine(root, folder)], Cancellation);
        Assert.True(exitCode == 0, text);
        return new KubernetesManifests([text]);
    }
}
