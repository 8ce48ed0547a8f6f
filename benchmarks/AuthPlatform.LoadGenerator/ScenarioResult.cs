namespace AuthPlatform.LoadGenerator;

/// <summary>One repetition: what the clients saw, and what each process used for it.</summary>
internal sealed record Repetition(LoadResult Load, IReadOnlyList<ProcessUse> Use)
{
    /// <summary>Microseconds of processor time per operation, of all processes together.</summary>
    public double Cost => Use.Sum(use => use.Processor.TotalMicroseconds) / Math.Max(1, Load.Operations);
}

/// <summary>All repetitions of a scenario.</summary>
/// <param name="Scenario">Its name.</param>
/// <param name="ItemsPerOperation">Tokens that one operation is about.</param>
/// <param name="Repetitions">At least one.</param>
internal sealed record ScenarioResult(string Scenario, int ItemsPerOperation, IReadOnlyList<Repetition> Repetitions)
{
    public int Errors => Repetitions.Sum(repetition => repetition.Load.Errors.Values.Sum());

    public Spread PerSecond => Spread.Of(Repetitions, repetition => repetition.Load.PerSecond);

    /// <summary>Microseconds of processor time per operation.</summary>
    public Spread Cost => Spread.Of(Repetitions, repetition => repetition.Cost);

    public Spread P50 => Spread.Of(Repetitions, repetition => repetition.Load.P50);

    public Spread P99 => Spread.Of(Repetitions, repetition => repetition.Load.P99);

    /// <summary>Microseconds per operation of one process; none if it had no part in it.</summary>
    public Spread? CostOf(string process) => Repetitions[0].Use.Any(use => use.Name == process)
        ? Spread.Of(Repetitions, repetition => repetition.Use.Single(use => use.Name == process).Processor.TotalMicroseconds / Math.Max(1, repetition.Load.Operations))
        : null;
}

/// <summary>The median of some numbers, with the least and the greatest.</summary>
internal readonly record struct Spread(double Median, double Least, double Greatest)
{
    public static Spread Of<T>(IEnumerable<T> all, Func<T, double> number)
    {
        double[] sorted = [.. all.Select(number).Order()];
        var middle = sorted.Length / 2;
        return new Spread(sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2, sorted[0], sorted[^1]);
    }
}
