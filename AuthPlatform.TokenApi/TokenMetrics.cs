using System.Diagnostics.Metrics;
using AuthPlatform.Data.Auth;
using AuthPlatform.ServiceDefaults;
using AuthPlatform.TokenApi.Requests;
using AuthPlatform.TokenApi.Traffic;

namespace AuthPlatform.TokenApi;

/// <summary>What the Token API counts. Labels are few and fixed: no client id, no user, no token.</summary>
internal sealed class TokenMetrics
{
    public const string MeterName = "AuthPlatform.TokenApi";

    private readonly Counter<long> _issued;
    private readonly Counter<long> _refreshed;
    private readonly RareCounter _refreshReuses;
    private readonly Counter<long> _revoked;
    private readonly Counter<long> _verified;
    private readonly Counter<long> _rejected;
    private readonly UpDownCounter<long> _streams;
    private readonly Counter<long> _replayHits;
    private readonly RareCounter _replayFallbacks;
    private readonly RareCounter _revocationFallbacks;
    private readonly TrafficTally _traffic;

    public TokenMetrics(IMeterFactory meters, TrafficTally traffic)
    {
        _traffic = traffic;
        var meter = meters.Create(MeterName);
        _issued = meter.CreateCounter<long>("authplatform.tokens.issued", "{token}", "Token pairs issued");
        _refreshed = meter.CreateCounter<long>("authplatform.sessions.refreshed", "{session}", "Sessions moved on by a refresh");
        _refreshReuses = new RareCounter(meter, "authplatform.sessions.refresh_reuses", "{session}", "Sessions ended because an old refresh token came back");
        _revoked = meter.CreateCounter<long>("authplatform.sessions.revoked", "{session}", "Sessions ended by their application");
        _verified = meter.CreateCounter<long>("authplatform.tokens.verified", "{token}", "Access tokens found valid");
        _streams = meter.CreateUpDownCounter<long>("authplatform.revocations.streams", "{stream}", "Open streams of revocations");
        _rejected = meter.CreateCounter<long>("authplatform.requests.rejected", "{request}", "Requests refused, by endpoint and by the code of the answer");
        _replayHits = meter.CreateCounter<long>("authplatform.replay.hits", "{request}", "Rightly signed requests that were seen before, at the same endpoint or elsewhere");
        _replayFallbacks = new RareCounter(meter, "authplatform.replay.fallbacks", "{request}", "Requests for which the replay memory of Redis did not answer");
        _revocationFallbacks = new RareCounter(meter, "authplatform.revocations.fallbacks", "{request}", "Verifications for which Postgres was asked, because Redis did not answer or might not know all");
    }

    public void Issued()
    {
        _issued.Add(1);
        _traffic.Add(TrafficKinds.Issued);
    }

    public void Refreshed()
    {
        _refreshed.Add(1);
        _traffic.Add(TrafficKinds.Refreshed);
    }

    public void RefreshReused() => _refreshReuses.Add(1);

    public void Revoked(int sessions) => _revoked.Add(sessions);

    public void Verified()
    {
        _verified.Add(1);
        _traffic.Add(TrafficKinds.Verified);
    }

    public void StreamsChanged(int by) => _streams.Add(by);

    public void Rejected(string endpoint, string code)
    {
        _rejected.Add(1, new("authplatform.endpoint", endpoint), new("error.type", code));
        _traffic.Add(TrafficKinds.Rejected, code);
    }

    public void Remembered(ReplayOutcome outcome)
    {
        if (outcome is ReplayOutcome.Repeated or ReplayOutcome.SeenElsewhere)
        {
            _replayHits.Add(1, new KeyValuePair<string, object?>("authplatform.outcome", outcome == ReplayOutcome.Repeated ? "repeated" : "seen_elsewhere"));
        }
    }

    public void ReplayFallback() => _replayFallbacks.Add(1);

    public void RevocationFallback() => _revocationFallbacks.Add(1);
}
