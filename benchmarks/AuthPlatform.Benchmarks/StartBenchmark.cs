using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Admin;
using AuthPlatform.LoadGenerator;

namespace AuthPlatform.Benchmarks;

/// <summary>How soon each service works after its start, and how long those wait who come first.</summary>
internal static class StartBenchmark
{
    private const int FirstRequests = 100;

    /// <summary>How many requests of the first hundred are under way at once.</summary>
    private const int Lanes = 4;

    private const double ReadyTargetSeconds = 2;
    private const double FirstTargetMilliseconds = 100;

    private static readonly string[] Services = [ResourceNames.KeyManager, ResourceNames.TokenApi, ResourceNames.AdminWeb, ResourceNames.Gateway];
    private static readonly string[] AdminPages = ["/admin", "/admin/applications", "/admin/sessions", "/admin/audit", "/admin/users", "/admin/account"];

    public static Command Command()
    {
        var starts = new Option<int>("--starts") { Description = "How often each service is started", DefaultValueFactory = _ => 5 };
        var only = new Option<string[]>("--only") { Description = $"Some of: {string.Join(", ", Services)}", AllowMultipleArgumentsPerToken = true };
        only.AcceptOnlyFromAmong(Services);
        var json = new JsonOption();
        var command = new Command("start", "Starts each service again and again: how long until it is ready, and how long its first hundred requests take") { starts, only };
        json.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var measured = await RunAsync(arguments.GetValue(starts), arguments.GetValue(only) is { Length: > 0 } some ? some : Services, cancellationToken);
            await json.WriteAsync(arguments, measured, cancellationToken);
            return measured.All(start => start.ReadySeconds <= ReadyTargetSeconds && start.P99 <= FirstTargetMilliseconds) ? 0 : 1;
        });
        return command;
    }

    private static async Task<IReadOnlyList<ServiceStart>> RunAsync(int starts, string[] services, CancellationToken cancellationToken)
    {
        await using var platform = await Platform.StartAsync(cancellationToken);
        using var direct = platform.Client(platform.TokenApi);
        using var keys = platform.Client(platform.AddressOf(ResourceNames.KeyManager));
        using var gateway = platform.Client(platform.Gateway);
        using var visitor = await Administrator.SignInAsync(platform, "visitor", [AdministratorRoles.Administrator], [], cancellationToken);
        var measured = new List<ServiceStart>();
        Console.WriteLine("| service | ready s, median (greatest) | first 100: p50 ms | p99 ms, median (greatest) |");
        Console.WriteLine("|---|---|---|---|");
        foreach (var service in services)
        {
            // What the requests need, such as tokens, is made before: the service must not have seen one since its start.
            var request = service switch
            {
                ResourceNames.TokenApi => await MixedAsync(direct, cancellationToken),
                ResourceNames.Gateway => await MixedAsync(gateway, cancellationToken),
                ResourceNames.KeyManager => await KeysAsync(direct, keys, cancellationToken),
                _ => async (_, number, cancel) =>
                {
                    await visitor.GetAsync(AdminPages[number % AdminPages.Length], cancel);
                    return new Answer(200, [], null);
                }
                ,
            };
            for (var number = 0; number < starts; number++)
            {
                await platform.CommandAsync(service, KnownResourceCommands.StopCommand, cancellationToken);
                var ready = await StartAsync(platform, service, cancellationToken);
                var first = await FirstAsync(request, cancellationToken);
                measured.Add(new ServiceStart(service, ready.TotalSeconds, first.P50, first.Max));
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{service}: ready after {ready.TotalSeconds:0.00} s; {first}"));
            }

            var all = measured.Where(start => start.Service == service).ToList();
            var (until, p50, p99) = (Spread.Of(all, start => start.ReadySeconds), Spread.Of(all, start => start.P50), Spread.Of(all, start => start.P99));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {service} | {until.Median:0.00} ({until.Greatest:0.00}) | {p50.Median:0.0} | {p99.Median:0} ({p99.Greatest:0}) |"));
        }

        return measured;
    }

    private static async Task<Func<int, int, CancellationToken, Task<Answer>>> MixedAsync(SigningClient client, CancellationToken cancellationToken)
    {
        var mixed = await Scenarios.Named("mixed").PrepareAsync(client, Lanes, cancellationToken);
        return (lane, _, cancel) => mixed(lane, cancel);
    }

    /// <summary>The Key Manager's work: signatures, for which the Token API asks, and the key set.</summary>
    private static async Task<Func<int, int, CancellationToken, Task<Answer>>> KeysAsync(SigningClient tokenApi, SigningClient keyManager, CancellationToken cancellationToken)
    {
        var issue = await Scenarios.Named("issue").PrepareAsync(tokenApi, Lanes, cancellationToken);
        var jwks = await Scenarios.Named("jwks").PrepareAsync(keyManager, Lanes, cancellationToken);
        return (lane, number, cancel) => number % 2 == 0 ? issue(lane, cancel) : jwks(lane, cancel);
    }

    /// <summary>From the command to start it until it says that it is ready.</summary>
    private static async Task<TimeSpan> StartAsync(Platform platform, string service, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = platform.AddressOf(service) };
        var began = Stopwatch.GetTimestamp();
        await platform.CommandAsync(service, KnownResourceCommands.StartCommand, cancellationToken);
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync("/health/ready", cancellationToken);
                if (answer.IsSuccessStatusCode)
                {
                    return Stopwatch.GetElapsedTime(began);
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, cancellationToken);
        }
    }

    private static async Task<LoadResult> FirstAsync(Func<int, int, CancellationToken, Task<Answer>> request, CancellationToken cancellationToken)
    {
        var next = -1;
        var first = new Load(
            "first",
            (lane, cancel) => Interlocked.Increment(ref next) is var number and < FirstRequests ? request(lane, number, cancel) : throw new NothingLeftException(),
            Lanes,
            TimeProvider.System);
        var result = await first.RunAsync(Timeout.InfiniteTimeSpan, 0, null, cancellationToken);
        return result.Errors.Count == 0 ? result : throw new InvalidOperationException($"Not all of the first requests succeeded: {result}.");
    }

    /// <summary>One start.</summary>
    /// <param name="Service">What was started.</param>
    /// <param name="ReadySeconds">Until it said so.</param>
    /// <param name="P50">Of the first hundred requests, in milliseconds.</param>
    /// <param name="P99">Of the first hundred requests, in milliseconds: of so few, the slowest.</param>
    private sealed record ServiceStart(string Service, double ReadySeconds, double P50, double P99);
}
