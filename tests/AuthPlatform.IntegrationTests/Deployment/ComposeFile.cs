using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>docker-compose.yml with the values that it has when nobody sets a variable.</summary>
internal sealed partial class ComposeFile
{
    private readonly YamlNode _root;

    public ComposeFile(string text) => _root = Yaml.Read(Resolve(text)).Single();

    /// <summary>The command line is for operators, and never started by itself.</summary>
    public static string Tool => "cli";

    public IEnumerable<(string Key, YamlNode Value)> Services => _root.Find("services").Entries();

    public IEnumerable<(string Key, YamlNode Value)> Networks => _root.Find("networks").Entries();

    /// <summary>The names of secrets and the files that they are in.</summary>
    public IEnumerable<(string Name, string? File)> Secrets => _root.Find("secrets").Entries().Select(secret => (secret.Key, secret.Value.Find("file").Text()));

    public YamlNode this[string service] => _root.Find("services", service) ?? throw new KeyNotFoundException(service);

    /// <summary>Those that are built here.</summary>
    public IReadOnlyList<DeployedService> Built => [.. Services.Where(s => s.Value.Find("build") is not null && s.Key != Tool).Select(s => Describe(s.Key, s.Value))];

    /// <summary>What operators run.</summary>
    public DeployedService CommandLine => Describe(Tool, this[Tool]);

    /// <summary>Where a service is found: from outside, if it is let out.</summary>
    public string? AddressOf(string service) => _root.Find("services", service) is not { } found ? null
        : found.Find("ports").Items().SingleOrDefault() is { } port ? $"http://localhost:{port.Find("published").Text()}"
        : $"http://{service}:8080";

    private static DeployedService Describe(string name, YamlNode service) => new(
        name,
        service.Find("image").Text()!.Split(':')[0],
        service.Find("environment").Entries().ToDictionary(variable => variable.Key, variable => variable.Value.Text()!),
        service.Find("secrets").Items().ToDictionary(secret => secret.Find("target").Text()!, secret => secret.Find("source").Text()!),
        service.Find("depends_on").Entries().Select(wait => $"{wait.Key}: {wait.Value.Find("condition").Text()}").ToHashSet(),
        service.Find("healthcheck", "test").Texts().LastOrDefault());

    private static string Resolve(string text)
    {
        for (var inner = Variable().Match(text); inner.Success; inner = Variable().Match(text))
        {
            text = text.Remove(inner.Index, inner.Length).Insert(inner.Index, inner.Groups[1].Value);
        }

        return text.Replace("$$", "$", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\$\{[A-Z_]+:-([^{}]*)\}")]
    private static partial Regex Variable();
}
