using AuthPlatform.LoadGenerator;

namespace AuthPlatform.Benchmarks;

/// <summary>All that one run measured.</summary>
/// <param name="AreApart">Whether the generator had a core of its own, and what is measured one too.</param>
/// <param name="Lanes">Operations under way at once.</param>
/// <param name="Rsa">Raw signatures.</param>
/// <param name="Limits">Bare servers.</param>
/// <param name="AtTokenApi">Without the gateway.</param>
/// <param name="ThroughGateway">As clients come.</param>
/// <param name="AtHalf">Through the gateway in an open loop at half of what it could do.</param>
/// <param name="Idle">Memory of our services before any load.</param>
/// <param name="Loaded">Memory of our services after all load.</param>
internal sealed record Comparison(
    bool AreApart,
    int Lanes,
    RsaLimit Rsa,
    IReadOnlyList<ScenarioResult> Limits,
    IReadOnlyList<ScenarioResult> AtTokenApi,
    IReadOnlyList<ScenarioResult> ThroughGateway,
    IReadOnlyList<ScenarioResult> AtHalf,
    IReadOnlyList<ProcessUse> Idle,
    IReadOnlyList<ProcessUse> Loaded)
{
    public int Errors => AtTokenApi.Concat(ThroughGateway).Concat(AtHalf).Sum(result => result.Errors);

    /// <summary>What the targets are about; those whose scenarios were not measured are left out.</summary>
    public IEnumerable<Ratio> Ratios()
    {
        var (issue, refresh, verify) = (Cost(AtTokenApi, "issue"), Cost(AtTokenApi, "refresh"), Cost(AtTokenApi, "verify"));
        return new[]
        {
            new Ratio("issue at the Token API / raw signature", issue / Rsa.SignMicroseconds, 2.3, 2.0),
            new Ratio("issue through the gateway / raw signature", Cost(ThroughGateway, "issue") / Rsa.SignMicroseconds, 3.0, 2.5),
            new Ratio("refresh at the Token API / raw signature", refresh / Rsa.SignMicroseconds, 2.3, 2.0),
            new Ratio("verify at the Token API / bare post", verify / Cost(Limits, "bare post"), 6.5, 5.0),
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

    private static double Cost(IReadOnlyList<ScenarioResult> results, string scenario) => results.FirstOrDefault(result => result.Scenario == scenario)?.Cost.Median ?? double.NaN;

    private double P99(string scenario) => AtHalf.FirstOrDefault(result => result.Scenario == scenario)?.P99.Median ?? double.NaN;
}

/// <summary>One of the figures that the targets are about.</summary>
internal sealed record Ratio(string Name, double Value, double Target, double? Stretch, bool IsAtLeast = false)
{
    public bool IsMet => IsAtLeast ? Value >= Target : Value <= Target;
}
