using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;
using YamlDotNet.Serialization;

namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>YAML as a tree, with its anchors and merges carried out.</summary>
internal static class Yaml
{
    /// <summary>The documents of a text; a key that stands twice in one place is refused.</summary>
    public static IEnumerable<YamlNode> Read(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        foreach (var document in stream.Documents)
        {
            using var written = new StringWriter();
            new YamlStream(document).Save(written, assignAnchors: false);
            var merged = new DeserializerBuilder().Build().Deserialize<object>(new MergingParser(new Parser(new StringReader(written.ToString()))));
            var tree = new YamlStream();
            tree.Load(new StringReader(new SerializerBuilder().DisableAliases().Build().Serialize(merged)));
            yield return tree.Documents[0].RootNode;
        }
    }

    public static YamlNode? Find(this YamlNode? node, string key) => node is YamlMappingNode mapping && mapping.Children.TryGetValue(key, out var value) ? value : null;

    public static YamlNode? Find(this YamlNode? node, params string[] path) => path.Aggregate(node, (found, key) => found.Find(key));

    public static string? Text(this YamlNode? node) => (node as YamlScalarNode)?.Value;

    public static IEnumerable<YamlNode> Items(this YamlNode? node) => (node as YamlSequenceNode)?.Children ?? [];

    public static IEnumerable<string> Texts(this YamlNode? node) => node.Items().Select(item => item.Text()!);

    public static IEnumerable<(string Key, YamlNode Value)> Entries(this YamlNode? node) =>
        node is YamlMappingNode mapping ? mapping.Children.Select(entry => (entry.Key.Text()!, entry.Value)) : [];
}
