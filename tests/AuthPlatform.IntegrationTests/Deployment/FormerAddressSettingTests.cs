using AuthPlatform.Contracts;
using YamlDotNet.RepresentationModel;

namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>The place for the address that the platform had before, of which AppHost.cs knows nothing: empty by itself, and filled by what docs/deployment.md has operators set.</summary>
public sealed class FormerAddressSettingTests
{
    private const string Setting = "Tokens__FormerPublicUrls__0";
    private const string Address = "https://id.example.com";

    private readonly string _deployment = Repository.Read("docs/deployment.md");

    [Fact]
    public void FormerAddress_InCompose_IsAVariableThatTokenApisGet()
    {
        var file = Repository.Read("docker-compose.yml");
        Assert.Contains("| `AUTHPLATFORM_FORMER_PUBLIC_URL` | none |", _deployment, StringComparison.Ordinal);

        Assert.Equal((ResourceNames.TokenApi, ""), Assert.Single(Given(new ComposeFile(file).Built)));
        Assert.Equal((ResourceNames.TokenApi, Address), Assert.Single(Given(new ComposeFile(file.Replace("${AUTHPLATFORM_FORMER_PUBLIC_URL:-}", Address, StringComparison.Ordinal)).Built)));
    }

    [Fact]
    public void FormerAddress_InKubernetes_IsAKeyThatTokenApisGet()
    {
        const string Key = "former-public-url";
        var manifests = new KubernetesManifests(KubernetesManifests.Files.Select(File.ReadAllText));
        var settings = Assert.IsType<YamlMappingNode>(manifests.Find("ConfigMap", "settings").Find("data"));
        Assert.Contains($"{{ op: add, path: /data/{Key}, value: \"{Address}\" }}", _deployment, StringComparison.Ordinal);

        Assert.Equal((ResourceNames.TokenApi, ""), Assert.Single(Given(manifests.Services)));
        // Without the key a pod starts all the same.
        var variable = KubernetesManifests.ContainerOf(manifests.Find("Deployment", ResourceNames.TokenApi)!).Find("env").Items().Single(variable => variable.Find("name").Text() == Setting);
        Assert.Equal("true", variable.Find("valueFrom", "configMapKeyRef", "optional").Text());
        settings.Add(Key, Address);
        Assert.Equal((ResourceNames.TokenApi, Address), Assert.Single(Given(manifests.Services)));
    }

    private static IEnumerable<(string Service, string Address)> Given(IEnumerable<DeployedService> services) =>
        services.Where(service => service.Plain.ContainsKey(Setting)).Select(service => (service.Name, service.Plain[Setting]));
}
