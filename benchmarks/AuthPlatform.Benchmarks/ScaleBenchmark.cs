using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using AuthPlatform.LoadGenerator;
using Npgsql;

namespace AuthPlatform.Benchmarks;

/// <summary>Whether a platform with millions of sessions and thousands of applications works as fast as a small one.</summary>
internal static class ScaleBenchmark
{
    private const double Target = 0.8;
    private const int SmallSessions = 1_000;
    private const int SmallApplications = 10;
    private static readonly string[] Measured = ["issue", "verify"];

    public static Command Command()
    {
        var sessions = new Option<int>("--sessions") { Description = "Live sessions of the large platform", DefaultValueFactory = _ => 10_000_000 };
        var applications = new Option<int>("--applications") { Description = "Applications of the large platform, each with its own keys", DefaultValueFactory = _ => 10_000 };
        var active = new Option<int>("--active") { Description = "Of those, how many the load comes from by turns", DefaultValueFactory = _ => 100 };
        var options = new MeasurementOptions("platform", seconds: 10, repetitions: 5, warmUp: 15, lanes: 32);
        var command = new Command("scale", "Throughput at a Token API with ten million sessions and ten thousand applications, against a thousand and ten; takes 10 GB while it runs") { sessions, applications, active };
        options.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var (isMet, results) = await RunAsync(options.Of(arguments), arguments.GetValue(sessions), arguments.GetValue(applications), arguments.GetValue(active), cancellationToken);
            await options.WriteJsonAsync(arguments, results, cancellationToken);
            return isMet ? 0 : 1;
        });
        return command;
    }

    private static async Task<(bool IsMet, IReadOnlyList<ScenarioResult> Results)> RunAsync(Measurement measurement, int sessions, int applications, int active, CancellationToken cancellationToken)
    {
        // Both platforms have the first core, the generator the second one.
        var areApart = Cores.MoveTo("0");
        await using var small = await Platform.StartAsync(cancellationToken);
        await using var large = await Platform.StartAsync(cancellationToken);
        areApart &= Cores.MoveTo("1");

        var smallClients = await FillAsync(small, SmallSessions, SmallApplications, SmallApplications, cancellationToken);
        var largeClients = await FillAsync(large, sessions, applications, active, cancellationToken);
        Alternation.Side[] sides =
        [
            new("small", smallClients, await small.ProcessesAsync(cancellationToken)),
            new("large", largeClients, await large.ProcessesAsync(cancellationToken)),
        ];
        var all = new List<ScenarioResult>();
        var ratios = new List<(string Scenario, double Ratio)>();
        foreach (var scenario in Measured.Select(Scenarios.Named))
        {
            await WaitForRedisAloneAsync("small", small, cancellationToken);
            await WaitForRedisAloneAsync("large", large, cancellationToken);
            var (results, ratio) = await Alternation.RunAsync(measurement, scenario, sides, _ => { }, cancellationToken);
            all.AddRange(results);
            ratios.Add((scenario.Name, ratio));
        }

        foreach (var client in smallClients.Concat(largeClients))
        {
            client.Dispose();
        }

        Console.WriteLine($"{sessions} sessions of {applications} applications, {largeClients.Count} of which at work; against {SmallSessions} of {SmallApplications}.");
        Console.WriteLine(areApart ? "The platforms shared one core; the generator had another." : "**The generator and what it measured shared their cores.**");
        Console.WriteLine(Report.Table(all));
        Console.WriteLine("| large / small | measured | target | |");
        Console.WriteLine("|---|---|---|---|");
        ratios.ForEach(ratio => Console.WriteLine(Alternation.Line(ratio.Scenario, ratio.Ratio, Target)));
        return (all.Sum(result => result.Errors) == 0 && ratios.TrueForAll(ratio => ratio.Ratio >= Target), all);
    }

    /// <summary>
    /// Once Redis has been silent, which happens while millions of rows are loaded beside it, each request is remembered in PostgreSQL too until the last one that Redis may
    /// not know is out of date. That is another platform than the one to be compared.
    /// </summary>
    private static async Task WaitForRedisAloneAsync(string name, Platform platform, CancellationToken cancellationToken)
    {
        await using var database = NpgsqlDataSource.Create(await platform.AuthDatabaseAsync(cancellationToken));
        // The announcement that the table is used is the only row without an endpoint.
        await using var command = database.CreateCommand("SELECT expires_at - now() FROM replay_entries WHERE endpoint = ''");
        while (await command.ExecuteScalarAsync(cancellationToken) is TimeSpan left && left > TimeSpan.Zero)
        {
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Redis was silent on the {name} platform; for {left.TotalSeconds:0} s more PostgreSQL remembers requests too: waiting …"));
            await Task.Delay(left < TimeSpan.FromMinutes(1) ? left + TimeSpan.FromSeconds(1) : TimeSpan.FromMinutes(1), TimeProvider.System, cancellationToken);
        }
    }

    private static async Task<IReadOnlyList<SigningClient>> FillAsync(Platform platform, int sessions, int applications, int active, CancellationToken cancellationToken)
    {
        Console.Error.WriteLine($"making {applications} applications and {sessions} sessions …");
        var began = Stopwatch.GetTimestamp();
        var names = await ScaleData.MakeAsync(platform, sessions, applications, cancellationToken);
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"made in {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s"));
        // From all over: neighbours would lie in the same pages.
        var step = Math.Max(1, names.Count / Math.Max(1, active));
        return [.. names.Where((_, index) => index % step == 0).Take(active).Select(name => platform.Client(platform.TokenApi, name))];
    }
}
