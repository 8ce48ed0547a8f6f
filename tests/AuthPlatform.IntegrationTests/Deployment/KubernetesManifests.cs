using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>Manifests, all together: those under deploy/kubernetes, or what was rendered from them.</summary>
/// <param name="texts">The files.</param>
internal sealed class KubernetesManifests(IEnumerable<string> texts)
{
    private const string SecretsFolder = "/run/secrets";

    private readonly List<YamlNode> _documents = [.. texts.SelectMany(Yaml.Read)];

    /// <summary>The folders of what is the same in every installation.</summary>
    public static IReadOnlyList<string> Bases { get; } = ["common", "stores", "migrations", "services", "cli"];

    public static IReadOnlyList<string> Files { get; } = [.. Bases.SelectMany(folder => Directory.EnumerateFiles(Repository.PathOf($"deploy/kubernetes/{folder}"), "*.yaml")).Order()];

    /// <summary>What runs code of ours.</summary>
    public IEnumerable<YamlNode> Workloads => OfKind("Deployment").Concat(OfKind("Job"));

    public IReadOnlyList<DeployedService> Services => [.. Workloads.Where(workload => NameOf(workload) != ComposeFile.Tool).Select(Describe)];

    /// <summary>What operators run.</summary>
    public DeployedService CommandLine => Describe(Find("Job", ComposeFile.Tool)!);

    /// <summary>The names of all secrets that pods must have in files.</summary>
    public IEnumerable<string> Secrets => Workloads.Concat(OfKind("StatefulSet")).SelectMany(workload => PodOf(workload).Find("volumes").Items())
        .SelectMany(volume => SecretsIn(volume, areOptional: false)).Select(secret => secret.Find("name").Text()!).Distinct();

    public IEnumerable<YamlNode> OfKind(string kind) => _documents.Where(document => document.Find("kind").Text() == kind);

    public YamlNode? Find(string kind, string name) => OfKind(kind).SingleOrDefault(document => NameOf(document) == name);

    public static string NameOf(YamlNode document) => document.Find("metadata", "name").Text()!;

    public static YamlNode PodOf(YamlNode workload) => workload.Find("spec", "template", "spec")!;

    public static YamlNode ContainerOf(YamlNode workload) => PodOf(workload).Find("containers").Items().Single();

    public static int Number(YamlNode? node) => int.Parse(node.Text()!, CultureInfo.InvariantCulture);

    /// <summary>Where a service is found: at the public address, or by its name at the port on which its containers listen.</summary>
    public string? AddressOf(string service) => Find("Service", service) is not { } found ? null
        : found.Find("spec", "clusterIP").Text() == "None" ? $"http://{service}:{found.Find("spec", "ports").Items().Single().Find("port").Text()}"
        : Find("ConfigMap", "settings").Find("data", "public-url").Text();

    /// <summary>Whether it has a connection string.</summary>
    public static bool TalksToStores(YamlNode workload) => PodOf(workload).Find("volumes").Items().SelectMany(volume => SecretsIn(volume, areOptional: false))
        .SelectMany(secret => secret.Find("items").Items()).Any(item => IsConnection(item.Find("path").Text()!));

    public static bool IsConnection(string setting) => setting.StartsWith("ConnectionStrings__", StringComparison.Ordinal);

    /// <summary>Whether the network lets one talk to the other: both its own policy and the other's must say so.</summary>
    public bool Reaches(string caller, string target) =>
        Allows(caller, "egress", "to", target) && Allows(target, "ingress", "from", caller);

    /// <summary>What a workload has in files if it is there: the settings, and the secret that each comes from.</summary>
    public static IEnumerable<(string Setting, string Secret)> OptionalSecretsOf(YamlNode workload) => PodOf(workload).Find("volumes").Items().SelectMany(volume => SecretsIn(volume, areOptional: true))
        .Select(secret => (secret.Find("items").Items().Single().Find("path").Text()!, secret.Find("name").Text()!));

    private static IEnumerable<YamlNode> SecretsIn(YamlNode volume, bool areOptional) =>
        volume.Find("projected", "sources").Items().Select(source => source.Find("secret")!).Where(secret => (secret.Find("optional").Text() == "true") == areOptional);

    private bool Allows(string owner, string direction, string peers, string other) => Find("NetworkPolicy", owner).Find("spec", direction).Items()
        .SelectMany(rule => rule.Find(peers).Items()).Any(peer => peer.Find("podSelector", "matchLabels", "app.kubernetes.io/name").Text() == other);

    private DeployedService Describe(YamlNode workload)
    {
        var container = ContainerOf(workload);
        var plain = new Dictionary<string, string>();
        foreach (var map in container.Find("envFrom").Items())
        {
            foreach (var (name, value) in Find("ConfigMap", map.Find("configMapRef", "name").Text()!).Find("data").Entries())
            {
                plain[name] = value.Text()!;
            }
        }

        foreach (var variable in container.Find("env").Items())
        {
            plain[variable.Find("name").Text()!] = variable.Find("value").Text() ?? Referenced(variable.Find("valueFrom", "configMapKeyRef")) ?? "";
        }

        var mounted = container.Find("volumeMounts").Items().SingleOrDefault(mount => mount.Find("mountPath").Text() == SecretsFolder).Find("name").Text();
        var secrets = PodOf(workload).Find("volumes").Items().Where(volume => volume.Find("name").Text() == mounted)
            .SelectMany(volume => SecretsIn(volume, areOptional: false));
        return new DeployedService(
            NameOf(workload),
            container.Find("image").Text()!,
            plain,
            secrets.ToDictionary(secret => secret.Find("items").Items().Single().Find("path").Text()!, secret => secret.Find("name").Text()!),
            Waits: null,
            container.Find("readinessProbe", "httpGet", "path").Text());
    }

    private string? Referenced(YamlNode? reference) =>
        reference.Find("name").Text() is { } map ? Find("ConfigMap", map).Find("data", reference.Find("key").Text()!).Text() : null;
}
