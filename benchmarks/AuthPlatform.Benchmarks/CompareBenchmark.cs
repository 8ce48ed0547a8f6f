using System.CommandLine;
using AuthPlatform.Contracts;
using AuthPlatform.LoadGenerator;

namespace AuthPlatform.Benchmarks;

/// <summary>What a request costs, as a multiple of what cannot be avoided, both measured in the same run.</summary>
internal static class CompareBenchmark
{
    public static Command Command()
    {
        var seconds = new Option<int>("--seconds") { Description = "How long each repetition takes", DefaultValueFactory = _ => 5 };
        var repetitions = new Option<int>("--repetitions") { Description = "How often each scenario is measured", DefaultValueFactory = _ => 3 };
        var warmUp = new Option<int>("--warm-up") { Description = "Seconds for which each scenario runs before anything counts", DefaultValueFactory = _ => 12 };
        var lanes = new Option<int>("--lanes") { Description = "Operations under way at once, except at half of the peak", DefaultValueFactory = _ => 128 };
        var only = new Option<string[]>("--only") { Description = "Scenarios to measure, instead of all, with the limits that they are compared with", AllowMultipleArgumentsPerToken = true };
        var report = new Option<FileInfo?>("--report") { Description = "Where the report is written, as Markdown" };
        var json = new Option<FileInfo?>("--json") { Description = "Where everything measured is written, as JSON" };
        var command = new Command("compare", "Every scenario of the load generator, at a Token API and through the gateway, against bare servers and raw signatures") { seconds, repetitions, warmUp, lanes, only, report, json };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var measurement = new Measurement(
                arguments.GetValue(lanes),
                0,
                TimeSpan.FromSeconds(arguments.GetValue(warmUp)),
                TimeSpan.FromSeconds(arguments.GetValue(seconds)),
                arguments.GetValue(repetitions),
                new Dictionary<string, int>(),
                Console.Error.WriteLine);
            var comparison = await RunAsync(measurement, arguments.GetValue(only) ?? [], cancellationToken);
            var text = ComparisonReport.Write(comparison);
            Console.WriteLine(text);
            if (arguments.GetValue(report) is { } file)
            {
                await File.WriteAllTextAsync(file.FullName, text, cancellationToken);
            }

            if (arguments.GetValue(json) is { } target)
            {
                await File.WriteAllTextAsync(target.FullName, Report.ToJson(comparison), cancellationToken);
            }

            return comparison.Errors == 0 ? 0 : 1;
        });
        return command;
    }

    private static async Task<Comparison> RunAsync(Measurement measurement, string[] only, CancellationToken cancellationToken)
    {
        // What is measured has the first core for itself, the generator the second one.
        var areApart = Cores.MoveTo("0");
        await using var platform = await Platform.StartAsync(new Dictionary<string, string>(), cancellationToken);
        using var bare = await LimitProcess.StartAsync(["serve-bare"], cancellationToken);
        using var proxy = await LimitProcess.StartAsync(["serve-proxy", "--to", bare.Address.ToString()], cancellationToken);
        areApart &= Cores.MoveTo("1");

        var all = await platform.ProcessesAsync(cancellationToken);
        var services = await platform.ServicesAsync(cancellationToken);
        var idle = ProcessUse.Read(services);
        // Again and again: a machine that others share is not equally fast all the time.
        List<RsaLimit> rsa = [RsaLimit.Measure()];

        using var direct = platform.Client(platform.TokenApi);
        using var gateway = platform.Client(platform.Gateway.BaseAddress!);
        using var bareClient = platform.Client(bare.Address);
        using var proxyClient = platform.Client(proxy.Address);

        // As large as our own: a token there and its claims back; the key set.
        var sizes = await Scenarios.SizesAsync(gateway, cancellationToken);
        var limits = new List<ScenarioResult>();
        var atTokenApi = new List<ScenarioResult>();
        var throughGateway = new List<ScenarioResult>();
        foreach (var scenario in Scenarios.All.Where(scenario => only.Length == 0 || only.Contains(scenario.Name)))
        {
            rsa.Add(RsaLimit.Measure());
            // For the same reason right before what is compared with them.
            await (scenario.Name switch
            {
                "verify" => MeasureLimitsAsync("bare post", sizes.VerifyRequest, sizes.VerifyAnswer),
                "jwks" => MeasureLimitsAsync("bare get", 0, sizes.Jwks),
                _ => Task.CompletedTask,
            });
            if (!scenario.IsAtGatewayOnly)
            {
                atTokenApi.Add(await (measurement with { Processes = all.Where(process => process.Key != ResourceNames.Gateway).ToDictionary() }).RunAsync(scenario, direct, cancellationToken));
            }

            rsa.Add(RsaLimit.Measure());
            throughGateway.Add(await (measurement with { Processes = all }).RunAsync(scenario, gateway, cancellationToken));
        }

        var atHalf = new List<ScenarioResult>();
        foreach (var peak in throughGateway.Where(result => result.Scenario is "issue" or "verify"))
        {
            var scenario = Scenarios.All.Single(scenario => scenario.Name == peak.Scenario);
            atHalf.Add(await (measurement with { Processes = all, Rate = peak.PerSecond.Median / 2, Lanes = 256 }).RunAsync(scenario, gateway, cancellationToken));
        }

        return new Comparison(areApart, measurement.Lanes, RsaLimit.Median(rsa), limits, atTokenApi, throughGateway, atHalf, idle, ProcessUse.Read(services));

        async Task MeasureLimitsAsync(string name, int there, int back)
        {
            var exchange = LimitProcess.Exchange(name, there, back);
            limits.Add(await (measurement with { Processes = new Dictionary<string, int> { ["bare"] = bare.Id } }).RunAsync(exchange, bareClient, cancellationToken));
            var behind = LimitProcess.Exchange($"{name} behind YARP", there, back);
            limits.Add(await (measurement with { Processes = new Dictionary<string, int> { ["bare"] = bare.Id, ["proxy"] = proxy.Id } }).RunAsync(behind, proxyClient, cancellationToken));
        }
    }
}
