using AuthPlatform.LoadGenerator;

namespace AuthPlatform.Benchmarks;

/// <summary>All that one run measured.</summary>
/// <param name="AreApart">Whether the generator had a core of its own, and what is measured one too.</param>
/// <param name="Lanes">Operations under way at once.</param>
/// <param name="Limits">Bare servers, and the statement of a session.</param>
/// <param name="AtTokenApi">Without the gateway.</param>
/// <param name="ThroughGateway">As clients come.</param>
/// <param name="Pauses">Of the core of what is measured, while nobody asks for anything.</param>
/// <param name="AtHalf">Through the gateway in an open loop at half of what it could do; beside it the statement of a session, as often as sessions were issued.</param>
/// <param name="Idle">Memory of our services before any load.</param>
/// <param name="Loaded">Memory of our services after all load.</param>
internal sealed record Comparison(
    bool AreApart,
    int Lanes,
    IReadOnlyList<ScenarioResult> Limits,
    IReadOnlyList<Measured> AtTokenApi,
    IReadOnlyList<Measured> ThroughGateway,
    CorePauses Pauses,
    IReadOnlyList<ScenarioResult> AtHalf,
    IReadOnlyList<ProcessUse> Idle,
    IReadOnlyList<ProcessUse> Loaded)
{
    public int Errors => AtTokenApi.Concat(ThroughGateway).Select(measured => measured.Result).Concat(AtHalf).Sum(result => result.Errors);

    /// <summary>Raw signatures, over the whole run.</summary>
    public RsaLimit Rsa => RsaLimit.Mean([.. AtTokenApi.Concat(ThroughGateway).Select(measured => measured.Rsa)]);

    /// <summary>What the targets are about; those whose scenarios were not measured are left out.</summary>
    public IEnumerable<Ratio> Ratios()
    {
        return new[]
        {
            new Ratio("issue at the Token API / raw signature", InSignatures(AtTokenApi, "issue"), 2.3, 2.0),
            new Ratio("issue through the gateway / raw signature", InSignatures(ThroughGateway, "issue"), 3.0, 2.5),
            new Ratio("refresh at the Token API / raw signature", InSignatures(AtTokenApi, "refresh"), 2.3, 2.0),
            new Ratio("verify at the Token API / bare post", Cost(AtTokenApi, "verify") / Cost(Limits, "bare post"), 6.5, 5.0),
            new Ratio("verify through the gateway / bare post behind YARP", Cost(ThroughGateway, "verify") / Cost(Limits, "bare post behind YARP"), 3.5, 2.5),
            new Ratio("revoke one / revoke in lists of 100, per token", Cost(AtTokenApi, "revoke") / (Cost(AtTokenApi, "revoke-list") / 100), 15, null, IsAtLeast: true),
            new Ratio("JWKS through the gateway / bare get behind YARP", Cost(ThroughGateway, "jwks") / Cost(Limits, "bare get behind YARP"), 1.25, null),
            new Ratio("JWKS 304 through the gateway / bare get behind YARP", Cost(ThroughGateway, "jwks-etag") / Cost(Limits, "bare get behind YARP"), 1.25, null),
            new Ratio("issue at half of the peak, p99 ms", P99("issue"), 10, null),
            new Ratio("verify at half of the peak, p99 ms", P99("verify"), 3, null),
            new Ratio("memory of our services, idle, MB", Idle.Sum(use => use.Memory) / 1e6, 450, null),
            new Ratio("memory of our services at its peak, MB", Loaded.Sum(use => use.PeakMemory) / 1e6, 800, null),
        }.Where(ratio => double.IsFinite(ratio.Value));
    }

    private static double InSignatures(IReadOnlyList<Measured> measured, string scenario) =>
        measured.FirstOrDefault(one => one.Result.Scenario == scenario) is { } found ? found.Result.Cost.Median / found.Rsa.SignMicroseconds : double.NaN;

    private static double Cost(IReadOnlyList<Measured> measured, string scenario) => Cost([.. measured.Select(one => one.Result)], scenario);

    private static double Cost(IReadOnlyList<ScenarioResult> results, string scenario) => results.FirstOrDefault(result => result.Scenario == scenario)?.Cost.Median ?? double.NaN;

    private double P99(string scenario) => AtHalf.FirstOrDefault(result => result.Scenario == scenario)?.P99.Median ?? double.NaN;
}

/// <summary>One scenario, with the raw signatures that the same core made right before and after it.</summary>
internal sealed record Measured(ScenarioResult Result, RsaLimit Rsa);

/// <summary>One of the figures that the targets are about.</summary>
internal sealed record Ratio(string Name, double Value, double Target, double? Stretch, bool IsAtLeast = false)
{
    public bool IsMet => IsAtLeast ? Value >= Target : Value <= Target;
}
