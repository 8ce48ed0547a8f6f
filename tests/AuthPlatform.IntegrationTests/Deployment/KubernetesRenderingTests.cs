using System.Text.Json;

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

    /// <summary>Quotes, backslashes and what looks like a variable reach the command as they were typed. Kubernetes reads <c>$$</c> as <c>$</c>.</summary>
    [Fact]
    public async Task CommandLine_WithArguments_GetsThemAsTheyAre()
    {
        string[] arguments = ["apps", "set", "my-app", "--name", """a "b" \ 'c' $(HOME) $$ é %s""", ""];
        var (exitCode, job) = await KubernetesTools.RunAsync("sh", [Repository.PathOf("deploy/kubernetes/cli.sh"), "--print", .. arguments], Cancellation);
        Assert.True(exitCode == 0, job);
        using var printed = JsonDocument.Parse(job);
        var container = printed.RootElement.GetProperty("spec").GetProperty("template").GetProperty("spec").GetProperty("containers")[0];
        Assert.Equal(arguments, container.GetProperty("args").EnumerateArray().Select(argument => argument.GetString()!.Replace("$$", "$", StringComparison.Ordinal)));
        Assert.Equal("cli-", printed.RootElement.GetProperty("metadata").GetProperty("generateName").GetString());
        Assert.False(printed.RootElement.GetProperty("metadata").TryGetProperty("name", out _));
    }

    private static async Task<KubernetesManifests> RenderAsync(string folder)
    {
        var (exitCode, text) = await KubernetesTools.RunAsync("kubectl", ["kustomize", Repository.PathOf($"deploy/kubernetes/example/{folder}")], Cancellation);
        Assert.True(exitCode == 0, text);
        return new KubernetesManifests([text]);
    }
}
