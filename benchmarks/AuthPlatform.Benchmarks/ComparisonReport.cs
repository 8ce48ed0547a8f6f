using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using AuthPlatform.LoadGenerator;

namespace AuthPlatform.Benchmarks;

/// <summary>A <see cref="Comparison"/> for people.</summary>
internal static class ComparisonReport
{
    public static string Write(Comparison comparison)
    {
        var text = new StringBuilder()
            .AppendLine("# What a request costs")
            .AppendLine()
            .AppendLine("Written by `benchmarks/run.sh`. Cost is processor time of all processes involved, stores included, the generator not; medians of the repetitions, least and greatest in brackets.")
            .AppendLine(comparison.AreApart
                ? "Everything but the generator shared one core; the generator had another."
                : "**The generator and what it measured shared their cores**: the ratios say less than on a machine where they do not.")
            .AppendLine(CultureInfo.InvariantCulture, $"{comparison.Lanes} operations were under way at once.")
            .AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}, {TimeProvider.System.GetUtcNow():yyyy-MM-dd}.")
            .AppendLine("PostgreSQL commits before it answers (`synchronous_commit` on), to throw-away stores that are not flushed to the disk (`fsync` off).")
            .AppendLine()
            .AppendLine("## Against the targets")
            .AppendLine()
            .AppendLine("| | measured | target | stretch | |")
            .AppendLine("|---|---|---|---|---|");
        foreach (var ratio in comparison.Ratios())
        {
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {ratio.Name} | {ratio.Value:0.00} | {(ratio.IsAtLeast ? "≥" : "≤")} {ratio.Target} | {ratio.Stretch} | {(ratio.IsMet ? "met" : "**not met**")} |");
        }

        return text
            .AppendLine()
            .AppendLine("## Limits")
            .AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"RSA-2048 in .NET: a signature {comparison.Rsa.SignMicroseconds:0.0} µs, a verification {comparison.Rsa.VerifyMicroseconds:0.0} µs, on the core of what is measured; means of the run. Each scenario is compared with those right before and after it. The session statement is sent to PostgreSQL one at a time.")
            .AppendLine()
            .AppendLine(Report.Table(comparison.Limits))
            .AppendLine("## At the Token API")
            .AppendLine()
            .AppendLine(Table(comparison.AtTokenApi))
            .AppendLine("## Through the gateway")
            .AppendLine()
            .AppendLine(Table(comparison.ThroughGateway))
            .AppendLine("## Through the gateway, at half of that rate, in an open loop")
            .AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"A loop that only reads the clock, on the core of what is measured while nobody asks for anything, was kept waiting for {comparison.Pauses.Share:P1} of the time: {comparison.Pauses.PerSecond:0.0} times a second for a millisecond or more, for {comparison.Pauses.LongestMilliseconds:0.0} ms at most. The session statement goes to PostgreSQL alone, as often as sessions were issued.")
            .AppendLine()
            .AppendLine(Report.Table(comparison.AtHalf))
            .AppendLine("## Memory")
            .AppendLine()
            .AppendLine("Resident sizes, as the targets have them, count the pages of the runtime and the framework once for each process; what the services take from the machine counts them once.")
            .AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"Idle: {Report.Memory(comparison.Idle)}; taken from the machine: {Proportional(comparison.Idle)}.")
            .AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"After all of it: {Report.Memory(comparison.Loaded)}; taken from the machine: {Proportional(comparison.Loaded)}.")
            .ToString();

        static string Table(IEnumerable<Measured> measured) => Report.Table([.. measured.Select(one => one.Result)]);

        static string Proportional(IEnumerable<ProcessUse> use) => string.Create(CultureInfo.InvariantCulture, $"{use.Sum(one => one.ProportionalMemory) / 1e6:0} MB");
    }
}
