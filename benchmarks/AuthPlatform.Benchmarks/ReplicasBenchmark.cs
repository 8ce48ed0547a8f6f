using System.CommandLine;
using System.Globalization;
using AuthPlatform.LoadGenerator;

namespace AuthPlatform.Benchmarks;

/// <summary>Whether two Token APIs on two cores do more than one on one core.</summary>
internal static class ReplicasBenchmark
{
    private const double Target = 1.6;
    private static readonly string[] Measured = ["issue", "verify"];
    private static readonly string[] CoresOf = ["0", "0,1"];

    public static Command Command()
    {
        var options = new MeasurementOptions("side", seconds: 8, repetitions: 5, warmUp: 10, lanes: 64);
        var command = new Command("replicas", "Throughput through the gateway of a platform with two Token APIs on two cores, against one with one on one core");
        options.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var (isMet, results) = await RunAsync(options.Of(arguments), cancellationToken);
            await options.WriteJsonAsync(arguments, results, cancellationToken);
            return isMet ? 0 : 1;
        });
        return command;
    }

    private static async Task<(bool IsMet, IReadOnlyList<ScenarioResult> Results)> RunAsync(Measurement measurement, CancellationToken cancellationToken)
    {
        // Stores and other services included: all of a platform has one core, or two. On a machine with only two the generator takes its part of the same ones.
        var others = Environment.ProcessorCount > 2 ? $"2-{Environment.ProcessorCount - 1}" : null;
        if (!Cores.MoveTo(CoresOf[0]))
        {
            throw new InvalidOperationException("This needs two cores and taskset.");
        }

        using var oneBare = await LimitProcess.StartAsync(["serve-bare"], cancellationToken);
        using var oneProxy = await LimitProcess.StartAsync(["serve-proxy", "--to", oneBare.Address.ToString()], cancellationToken);
        await using var one = await Platform.StartAsync(cancellationToken);
        _ = Cores.MoveTo(CoresOf[1]);
        using var twoBare = await LimitProcess.StartAsync(["serve-bare"], cancellationToken);
        using var twoProxy = await LimitProcess.StartAsync(["serve-proxy", "--to", twoBare.Address.ToString()], cancellationToken);
        await using var two = await Platform.StartAsync(new Dictionary<string, string>(), cancellationToken, "--TokenApi:Replicas=2");
        using var oneClient = one.Client(one.Gateway);
        using var twoClient = two.Client(two.Gateway);
        using var oneProxyClient = one.Client(oneProxy.Address);
        using var twoProxyClient = two.Client(twoProxy.Address);
        Alternation.Side[] sides = [new("one on one core", [oneClient], new Dictionary<string, int>()), new("two on two cores", [twoClient], new Dictionary<string, int>())];

        var all = new List<ScenarioResult>();
        var ratios = new List<(string Scenario, double Ratio)>();
        foreach (var scenario in Measured.Select(Scenarios.Named))
        {
            var (results, ratio) = await Alternation.RunAsync(measurement, scenario, sides, side => Cores.MoveTo(others ?? CoresOf[side]), cancellationToken);
            all.AddRange(results);
            ratios.Add((scenario.Name, ratio));
        }

        // What the second core is worth to processes that do next to nothing but wake each other.
        var sizes = await Scenarios.SizesAsync(oneClient, cancellationToken);
        var exchange = LimitProcess.Exchange("bare post behind YARP", sizes.VerifyRequest, sizes.VerifyAnswer);
        Alternation.Side[] bareSides = [sides[0] with { Clients = [oneProxyClient] }, sides[1] with { Clients = [twoProxyClient] }];
        var (bare, bareRatio) = await Alternation.RunAsync(measurement, exchange, bareSides, side => Cores.MoveTo(others ?? CoresOf[side]), cancellationToken);
        all.AddRange(bare);

        Console.WriteLine(others is null ? "The generator had its part of the same cores." : $"The generator had the cores {others}.");
        Console.WriteLine(Report.Table(all));
        Console.WriteLine("| two on two cores / one on one | measured | target | |");
        Console.WriteLine("|---|---|---|---|");
        ratios.ForEach(ratio => Console.WriteLine(Alternation.Line(ratio.Scenario, ratio.Ratio, Target)));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {exchange.Name}, one of each | {bareRatio:0.00} | – | |"));
        return (all.Sum(result => result.Errors) == 0 && ratios.TrueForAll(ratio => ratio.Ratio >= Target), all);
    }
}
