using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>Who gets the patches of a component is said by patterns: nobody whom it is for is left out. What kubectl makes of them is tested where there is one.</summary>
public sealed class KubernetesComponentTests
{
    private readonly KubernetesManifests _manifests = new(KubernetesManifests.Files.Select(File.ReadAllText));

    private IEnumerable<YamlNode> Pods => _manifests.Workloads.Concat(_manifests.OfKind("StatefulSet"));

    [Fact]
    public void StoresAuthority_AsAComponent_IsForAllWhoTalkToStores() =>
        Assert.Equal(Pods.Where(KubernetesManifests.TalksToStores).Select(KubernetesManifests.NameOf), Patched("stores-ca"));

    /// <summary>One that asked for a user would be refused.</summary>
    [Fact]
    public void OpenShift_AsAComponent_IsForAllPods() => Assert.Equal(Pods.Select(KubernetesManifests.NameOf), Patched("openshift"));

    private IEnumerable<string> Patched(string component)
    {
        var targets = Yaml.Read(Repository.Read($"deploy/kubernetes/example/{component}/kustomization.yaml")).Single().Find("patches").Items().Select(patch => patch.Find("target")).ToList();
        return Pods.Where(pod => targets.Any(target => Matches(target.Find("kind"), pod.Find("kind")) && Matches(target.Find("name"), pod.Find("metadata", "name")))).Select(KubernetesManifests.NameOf);
    }

    private static bool Matches(YamlNode? pattern, YamlNode? value) => pattern.Text() is not { } expected || Regex.IsMatch(value.Text()!, $"^({expected})$");
}
