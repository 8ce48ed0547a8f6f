using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using AuthPlatform.LoadGenerator;

namespace AuthPlatform.Benchmarks;

/// <summary>What memory our services take, without the stores: idle, at most under load, and whether it grows.</summary>
internal static class MemoryBenchmark
{
    private const double IdleTargetMegabytes = 450;
    private const double PeakTargetMegabytes = 800;

    /// <summary>Growth from the second third of the time to the last one that is no more than the noise of garbage collections.</summary>
    private const double GrowthTarget = 1.05;

    private static readonly TimeSpan BetweenSamples = TimeSpan.FromSeconds(10);

    /// <summary>Tokens that were prepared live for five minutes.</summary>
    private const int MinutesPerRepetition = 2;

    public static Command Command()
    {
        var minutes = new Option<int>("--minutes") { Description = "How long the load lasts", DefaultValueFactory = _ => 30 };
        var idle = new Option<int>("--idle") { Description = "Seconds without load before", DefaultValueFactory = _ => 20 };
        var lanes = new Option<int>("--lanes") { Description = "Operations under way at once", DefaultValueFactory = _ => 32 };
        var json = new JsonOption();
        var command = new Command("memory", "Resident memory of our services without the stores: idle, and under mixed load through the gateway as fast as it goes") { minutes, idle, lanes };
        json.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var (isMet, samples) = await RunAsync(arguments.GetValue(minutes), TimeSpan.FromSeconds(arguments.GetValue(idle)), arguments.GetValue(lanes), cancellationToken);
            await json.WriteAsync(arguments, samples, cancellationToken);
            return isMet ? 0 : 1;
        });
        return command;
    }

    private static async Task<(bool IsMet, IReadOnlyList<Sample> Samples)> RunAsync(int minutes, TimeSpan idleTime, int lanes, CancellationToken cancellationToken)
    {
        await using var platform = await Platform.StartAsync(cancellationToken);
        var services = await platform.ServicesAsync(cancellationToken);
        await Task.Delay(idleTime, TimeProvider.System, cancellationToken);
        var idle = new Sample(0, ProcessUse.Read(services));
        Console.WriteLine($"idle: {idle}");

        var samples = new List<Sample>();
        using var gateway = platform.Client(platform.Gateway);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sampling = SampleAsync(services, samples, done.Token);
        var repetitions = Math.Max(1, minutes / MinutesPerRepetition);
        var measurement = new Measurement(lanes, 0, TimeSpan.Zero, TimeSpan.FromMinutes((double)minutes / repetitions), repetitions, new Dictionary<string, int>(), null);
        var load = await measurement.RunAsync(Scenarios.Named("mixed"), gateway, cancellationToken);
        await done.CancelAsync();
        await sampling;

        var peak = ProcessUse.Read(services);
        var (middle, last) = (samples[(samples.Count / 3)..(samples.Count * 2 / 3)], samples[(samples.Count * 2 / 3)..]);
        var growth = last.Average(sample => sample.Total) / middle.Average(sample => sample.Total);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"load: {load.PerSecond.Median:0} operations per second, {load.Errors} errors"));
        Console.WriteLine($"greatest of each: {Report.Memory(peak)}");
        Console.WriteLine("| | measured | target |");
        Console.WriteLine("|---|---|---|");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| idle, MB | {idle.Total:0} | ≤ {IdleTargetMegabytes} |"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| idle, what they share counted once, MB | {idle.Use.Sum(use => use.ProportionalMemory) / 1e6:0} | |"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| the greatest of each under load, added up, MB | {peak.Sum(use => use.PeakMemory) / 1e6:0} | ≤ {PeakTargetMegabytes} |"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| last third of {minutes} minutes / second third | {growth:0.000} | ≤ {GrowthTarget} |"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| slope over both, MB per hour | {Slope([.. middle, .. last]) * 3600:0} | |"));
        return (idle.Total <= IdleTargetMegabytes && peak.Sum(use => use.PeakMemory) / 1e6 <= PeakTargetMegabytes && growth <= GrowthTarget && load.Errors == 0, [idle, .. samples]);
    }

    private static async Task SampleAsync(IReadOnlyDictionary<string, int> services, List<Sample> samples, CancellationToken until)
    {
        using var timer = new PeriodicTimer(BetweenSamples, TimeProvider.System);
        var began = Stopwatch.GetTimestamp();
        try
        {
            while (await timer.WaitForNextTickAsync(until))
            {
                var sample = new Sample(Stopwatch.GetElapsedTime(began).TotalSeconds, ProcessUse.Read(services));
                samples.Add(sample);
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{sample.Seconds:0} s: {sample}"));
            }
        }
        catch (OperationCanceledException) when (until.IsCancellationRequested)
        {
            // The load is over.
        }
    }

    /// <summary>Megabytes per second, by least squares.</summary>
    private static double Slope(IReadOnlyCollection<Sample> samples)
    {
        var (time, total) = (samples.Average(sample => sample.Seconds), samples.Average(sample => sample.Total));
        return samples.Sum(sample => (sample.Seconds - time) * (sample.Total - total)) / samples.Sum(sample => (sample.Seconds - time) * (sample.Seconds - time));
    }

    private sealed record Sample(double Seconds, IReadOnlyList<ProcessUse> Use)
    {
        /// <summary>Megabytes of all services.</summary>
        public double Total => Use.Sum(use => use.Memory) / 1e6;

        public override string ToString() =>
            string.Create(CultureInfo.InvariantCulture, $"{Total:0} MB: {string.Join(", ", Use.Select(use => string.Create(CultureInfo.InvariantCulture, $"{use.Name} {use.Memory / 1e6:0}")))}");
    }
}
