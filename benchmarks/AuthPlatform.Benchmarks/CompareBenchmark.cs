using System.CommandLine;
using AuthPlatform.Contracts;
using AuthPlatform.LoadGenerator;

namespace AuthPlatform.Benchmarks;

/// <summary>What a request costs, as a multiple of what cannot be avoided, both measured in the same run.</summary>
internal static class CompareBenchmark
{
    private const string MeasuredCore = "0";
    private const string GeneratorCore = "1";
    private const string BarePost = "bare post";

    public static Command Command()
    {
        var options = new MeasurementOptions("scenario", seconds: 5, repetitions: 3, warmUp: 12, lanes: 128);
        var only = new Option<string[]>("--only") { Description = "Scenarios to measure, instead of all, with the limits that they are compared with", AllowMultipleArgumentsPerToken = true };
        var report = new Option<FileInfo?>("--report") { Description = "Where the report is written, as Markdown" };
        var command = new Command("compare", "Every scenario of the load generator, at a Token API and through the gateway, against bare servers and raw signatures") { only, report };
        options.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var comparison = await RunAsync(options.Of(arguments), arguments.GetValue(only) ?? [], cancellationToken);
            var text = ComparisonReport.Write(comparison);
            Console.WriteLine(text);
            if (arguments.GetValue(report) is { } file)
            {
                await File.WriteAllTextAsync(file.FullName, text, cancellationToken);
            }

            await options.WriteJsonAsync(arguments, comparison, cancellationToken);
            return comparison.Errors == 0 ? 0 : 1;
        });
        return command;
    }

    private static string BehindYarp(string name) => $"{name} behind YARP";

    private static async Task<Comparison> RunAsync(Measurement measurement, string[] only, CancellationToken cancellationToken)
    {
        // What is measured has one core for itself, the generator the other.
        var areApart = Cores.MoveTo(MeasuredCore);
        await using var platform = await Platform.StartAsync(cancellationToken);
        using var bare = await LimitProcess.StartAsync(["serve-bare"], cancellationToken);
        using var proxy = await LimitProcess.StartAsync(["serve-proxy", "--to", bare.Address.ToString()], cancellationToken);
        areApart &= Cores.MoveTo(GeneratorCore);

        var all = await platform.ProcessesAsync(cancellationToken);
        var services = await platform.ServicesAsync(cancellationToken);
        var idle = ProcessUse.Read(services);

        using var direct = platform.Client(platform.TokenApi);
        using var gateway = platform.Client(platform.Gateway);
        using var bareClient = platform.Client(bare.Address);
        using var proxyClient = platform.Client(proxy.Address);
        await using var database = SessionStatement.Connect(await platform.AuthDatabaseAsync(cancellationToken));

        var bareOnly = new Dictionary<string, int> { ["bare"] = bare.Id };
        var postgres = all.Where(process => process.Key == ResourceNames.Postgres).ToDictionary();
        var bareBehindProxy = new Dictionary<string, int> { ["bare"] = bare.Id, ["proxy"] = proxy.Id };

        // As large as our own: a token there and its claims back; the key set.
        var sizes = await Scenarios.SizesAsync(gateway, cancellationToken);
        var (limits, atTokenApi, throughGateway) = (new List<ScenarioResult>(), new List<Measured>(), new List<Measured>());
        foreach (var scenario in Scenarios.All.Where(scenario => only.Length == 0 || only.Contains(scenario.Name)))
        {
            // Right before what is compared with them: a machine that others share is not equally fast all the time.
            await (scenario.Name switch
            {
                "issue" => MeasureStatementAsync(),
                "verify" => MeasureBareAsync(BarePost, sizes.VerifyRequest, sizes.VerifyAnswer),
                "jwks" => MeasureBareAsync("bare get", 0, sizes.Jwks),
                _ => Task.CompletedTask,
            });
            if (!scenario.IsAtGatewayOnly)
            {
                atTokenApi.Add(await BetweenSignaturesAsync(scenario, direct, all.Where(process => process.Key != ResourceNames.Gateway).ToDictionary()));
            }

            throughGateway.Add(await BetweenSignaturesAsync(scenario, gateway, all));
        }

        var pauses = OnMeasuredCore(CorePauses.Measure);
        var atHalf = new List<ScenarioResult>();
        foreach (var peak in throughGateway.Select(measured => measured.Result).Where(result => result.Scenario is "issue" or "verify"))
        {
            atHalf.Add(await AtHalfOf(peak, all).RunAsync(Scenarios.Named(peak.Scenario), gateway, cancellationToken));
        }

        // What the machine makes of it when next to nothing has to be done: as many statements as there were sessions, and bare posts.
        if (atHalf.Find(result => result.Scenario == "issue") is { } issued)
        {
            atHalf.Add(await (OfStatements() with { Rate = issued.PerSecond.Median, Lanes = 8 }).RunAsync(SessionStatement.Scenario(database), direct, cancellationToken));
        }

        if (limits.Find(result => result.Scenario == BehindYarp(BarePost)) is { } barePeak)
        {
            var exchange = LimitProcess.Exchange(barePeak.Scenario, sizes.VerifyRequest, sizes.VerifyAnswer);
            atHalf.Add(await AtHalfOf(barePeak, bareBehindProxy).RunAsync(exchange, proxyClient, cancellationToken));
        }

        return new Comparison(areApart, measurement.Lanes, limits, atTokenApi, throughGateway, pauses, atHalf, idle, ProcessUse.Read(services));

        // On the core that the signatures of the services are made on.
        T OnMeasuredCore<T>(Func<T> measure)
        {
            Cores.MoveTo(MeasuredCore);
            var measured = measure();
            Cores.MoveTo(GeneratorCore);
            return measured;
        }

        async Task<Measured> BetweenSignaturesAsync(Scenario scenario, SigningClient client, IReadOnlyDictionary<string, int> processes)
        {
            var before = OnMeasuredCore(RsaLimit.Measure);
            var result = await (measurement with { Processes = processes }).RunAsync(scenario, client, cancellationToken);
            return new Measured(result, RsaLimit.Mean(before, OnMeasuredCore(RsaLimit.Measure)));
        }

        // One at a time: it is made for many together, and this is what the first of them costs.
        Measurement OfStatements() => measurement with { Processes = postgres, Lanes = 1, WarmUp = TimeSpan.FromSeconds(2) };

        async Task MeasureStatementAsync() => limits.Add(await OfStatements().RunAsync(SessionStatement.Scenario(database), direct, cancellationToken));

        Measurement AtHalfOf(ScenarioResult peak, IReadOnlyDictionary<string, int> processes) => measurement with { Processes = processes, Rate = peak.PerSecond.Median / 2, Lanes = 256 };

        async Task MeasureBareAsync(string name, int there, int back)
        {
            var exchange = LimitProcess.Exchange(name, there, back);
            limits.Add(await (measurement with { Processes = bareOnly }).RunAsync(exchange, bareClient, cancellationToken));
            var behind = LimitProcess.Exchange(BehindYarp(name), there, back);
            limits.Add(await (measurement with { Processes = bareBehindProxy }).RunAsync(behind, proxyClient, cancellationToken));
        }
    }
}
