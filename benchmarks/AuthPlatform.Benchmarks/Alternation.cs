using System.Globalization;
using AuthPlatform.LoadGenerator;

namespace AuthPlatform.Benchmarks;

/// <summary>Two platforms under the same load by turns: what the machine does meanwhile disturbs both.</summary>
internal static class Alternation
{
    /// <summary>Measures both; the throughput of the second as a multiple of the first one's.</summary>
    /// <param name="measurement">How long and how often.</param>
    /// <param name="scenario">What the clients do.</param>
    /// <param name="sides">Each side's name, how its load is put on it, and whose processor time counts.</param>
    /// <param name="prepare">Called with the index of the side whose turn it is.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<(IReadOnlyList<ScenarioResult> Results, double Ratio)> RunAsync(
        Measurement measurement, Scenario scenario, IReadOnlyList<Side> sides, Action<int> prepare, CancellationToken cancellationToken)
    {
        var repetitions = sides.Select(_ => new List<Repetition>()).ToList();
        for (var number = 0; number < measurement.Repetitions; number++)
        {
            for (var side = 0; side < sides.Count; side++)
            {
                prepare(side);
                var once = measurement with { Repetitions = 1, WarmUp = number == 0 ? measurement.WarmUp : TimeSpan.Zero, Processes = sides[side].Processes };
                var spread = Spread(scenario, sides[side].Clients);
                var result = await once.RunAsync(spread with { Name = $"{scenario.Name}, {sides[side].Name}" }, sides[side].Clients[0], cancellationToken);
                repetitions[side].AddRange(result.Repetitions);
            }
        }

        var results = sides.Select((side, index) => new ScenarioResult($"{scenario.Name}, {side.Name}", scenario.ItemsPerOperation, repetitions[index])).ToList();
        return (results, results[1].PerSecond.Median / results[0].PerSecond.Median);
    }

    /// <summary>One line of a report.</summary>
    public static string Line(string scenario, double ratio, double target) =>
        string.Create(CultureInfo.InvariantCulture, $"| {scenario} | {ratio:0.00} | ≥ {target} | {(ratio >= target ? "met" : "**not met**")} |");

    /// <summary>The clients take turns, whatever the lane.</summary>
    private static Scenario Spread(Scenario scenario, IReadOnlyList<SigningClient> clients) => clients.Count == 1 ? scenario : scenario with
    {
        PrepareAsync = async (_, _, cancellationToken) =>
        {
            var operations = new List<Func<int, CancellationToken, Task<Answer>>>();
            foreach (var client in clients)
            {
                operations.Add(await scenario.PrepareAsync(client, 1, cancellationToken));
            }

            var next = -1;
            return (_, cancel) => operations[(int)((uint)Interlocked.Increment(ref next) % (uint)operations.Count)](0, cancel);
        },
    };

    /// <summary>One of the two.</summary>
    internal sealed record Side(string Name, IReadOnlyList<SigningClient> Clients, IReadOnlyDictionary<string, int> Processes);
}
