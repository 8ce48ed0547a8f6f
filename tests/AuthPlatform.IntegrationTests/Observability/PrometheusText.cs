using System.Text.RegularExpressions;

namespace AuthPlatform.IntegrationTests.Observability;

/// <summary>A time series as Prometheus stores it.</summary>
/// <param name="Name">The name of the metric.</param>
/// <param name="Labels">Its labels, and <c>job</c>: the service.</param>
internal sealed record Series(string Name, IReadOnlyDictionary<string, string> Labels);

/// <summary>Reads what a service answers to Prometheus, in its text format.</summary>
internal static partial class PrometheusText
{
    public static IReadOnlyList<Series> Read(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#').Select(line => Line().Match(line)).ToList();
        Assert.All(lines, line => Assert.True(line.Success, text));
        var series = lines.Select(line => (Name: line.Groups["name"].Value, Labels: Labels(line.Groups["labels"].Value))).ToList();
        var job = series.Single(s => s.Name == "target_info").Labels["service_name"];
        return [.. series.Select(s => new Series(s.Name, new Dictionary<string, string>(s.Labels) { ["job"] = job }))];
    }

    private static Dictionary<string, string> Labels(string text) =>
        Label().Matches(text).ToDictionary(label => label.Groups["name"].Value, label => Regex.Unescape(label.Groups["value"].Value));

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][\w:]*)(?:\{(?<labels>.*)\})? (?:[-+\d.eE]+|NaN|[-+]Inf)$""")]
    private static partial Regex Line();

    [GeneratedRegex("""(?<name>\w+)="(?<value>(?:[^"\\]|\\.)*)"(?:,|$)""")]
    private static partial Regex Label();
}
