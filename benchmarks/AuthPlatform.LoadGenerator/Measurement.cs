namespace AuthPlatform.LoadGenerator;

/// <summary>How a scenario is measured.</summary>
/// <param name="Lanes">Operations under way at once; in an open loop at most.</param>
/// <param name="Rate">Operations per second of an open loop; 0 is a closed loop.</param>
/// <param name="WarmUp">How long it runs before anything counts.</param>
/// <param name="Duration">How long each repetition takes.</param>
/// <param name="Repetitions">How often it is measured.</param>
/// <param name="Processes">Whose use is measured: process ids by name.</param>
/// <param name="Progress">Hears once a second how far it is.</param>
internal sealed record Measurement(
    int Lanes, double Rate, TimeSpan WarmUp, TimeSpan Duration, int Repetitions, IReadOnlyDictionary<string, int> Processes, Action<string>? Progress)
{
    /// <summary>The audit is written within a fifth of a second, and revocations are copied to Redis once a second.</summary>
    private static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(1.5);

    /// <summary>Warms up and measures.</summary>
    /// <param name="scenario">What the clients do.</param>
    /// <param name="client">Who does it.</param>
    /// <param name="cancellationToken">Stops it early.</param>
    public async Task<ScenarioResult> RunAsync(Scenario scenario, SigningClient client, CancellationToken cancellationToken)
    {
        await LoadAsync(scenario, client, WarmUp, cancellationToken);
        var repetitions = new List<Repetition>();
        for (var number = 0; number < Repetitions; number++)
        {
            repetitions.Add(await LoadAsync(scenario, client, Duration, cancellationToken));
        }

        return new ScenarioResult(scenario.Name, scenario.ItemsPerOperation, repetitions);
    }

    private async Task<Repetition> LoadAsync(Scenario scenario, SigningClient client, TimeSpan duration, CancellationToken cancellationToken)
    {
        var operation = await scenario.PrepareAsync(client, Lanes, cancellationToken);
        await SettleAsync();
        var before = ProcessUse.Read(Processes);
        var result = await new Load(scenario.Name, operation, Lanes, TimeProvider.System).RunAsync(duration, Rate, Progress, cancellationToken);
        await SettleAsync();
        var after = ProcessUse.Read(Processes);
        return new Repetition(result, [.. after.Zip(before, (now, then) => now with { Processor = now.Processor - then.Processor })]);

        // What is left of the preparation is no cost of the operations; what they leave is.
        Task SettleAsync() => scenario.HasAftermath ? Task.Delay(Aftermath, cancellationToken) : Task.CompletedTask;
    }
}
