using System.Globalization;
using System.Text;

namespace AuthPlatform.LoadGenerator;

/// <summary>Results for people.</summary>
internal static class Report
{
    /// <summary>A Markdown table, a line per scenario: medians, with the spread of what matters most.</summary>
    public static string Table(IReadOnlyCollection<ScenarioResult> results)
    {
        var processes = results.SelectMany(result => result.Repetitions[0].Use.Select(use => use.Name)).Distinct().ToList();
        var table = new StringBuilder()
            .Append("| scenario | per second | p50 ms | p99 ms | CPU µs per operation |").AppendJoin("", processes.Select(process => $" {process} |")).AppendLine(" errors |")
            .Append("|---|---|---|---|---|").AppendJoin("", processes.Select(_ => "---|")).AppendLine("---|");
        foreach (var result in results)
        {
            table.Append(
                    CultureInfo.InvariantCulture,
                    $"| {result.Scenario} | {result.PerSecond.Median:0} ({result.PerSecond.Least:0}–{result.PerSecond.Greatest:0}) | {result.P50.Median:0.0} | {result.P99.Median:0.0} | {result.Cost.Median:0} ({result.Cost.Least:0}–{result.Cost.Greatest:0}) |")
                .AppendJoin("", processes.Select(process => string.Create(CultureInfo.InvariantCulture, $" {result.CostOf(process)?.Median:0} |")))
                .AppendLine(CultureInfo.InvariantCulture, $" {Errors(result)} |");
        }

        return table.ToString();
    }

    /// <summary>The greatest memory of each process, in megabytes.</summary>
    public static string Memory(IEnumerable<ProcessUse> use) =>
        string.Join(", ", use.Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Name} {one.PeakMemory / 1e6:0} MB (now {one.Memory / 1e6:0})")));

    private static string Errors(ScenarioResult result) =>
        result.Errors == 0 ? "0" : string.Join(", ", result.Repetitions.SelectMany(repetition => repetition.Load.Errors).GroupBy(error => error.Key, error => error.Value).Select(group => $"{group.Sum()} × {group.Key}"));
}
