using AuthPlatform.TokenApi.Requests;
using AuthPlatform.TokenApi.Sessions;
using BenchmarkDotNet.Attributes;

namespace AuthPlatform.Microbenchmarks;

/// <summary>The statements on sessions in Postgres: alone, and as they go when many arrive together.</summary>
[MemoryDiagnoser]
public class SessionBenchmarks
{
    private const int Together = 64;

    private readonly UserPlace _place = new("Pixel 9", "203.0.113.7");
    private Application _application = null!;
    private SessionStarts _starts = null!;
    private SessionStore _store = null!;
    private LiveSession _session = null!;
    private LiveSession[] _sessions = null!;
    private long _user;

    [GlobalSetup]
    public void Setup()
    {
        var platform = LivePlatform.Get();
        (_application, _starts, _store) = (platform.Application(), platform.Part<SessionStarts>(), platform.Part<SessionStore>());
        // Users of this class's own, so that each start is one of a new user.
        _user = TimeProvider.System.GetUtcNow().Ticks;
        _sessions = [.. Enumerable.Range(0, Together).Select(_ => StartAsync().GetAwaiter().GetResult())];
        _session = StartAsync().GetAwaiter().GetResult();
        Check.That(Find().GetAwaiter().GetResult() && Renew().GetAwaiter().GetResult());
        Check.That(_store.FindAsync(_application, _session.Id).GetAwaiter().GetResult() is { Generation: 1 });
        Check.That(RenewTogether().GetAwaiter().GetResult());
    }

    [Benchmark]
    public Task Start() => StartAsync();

    [Benchmark(OperationsPerInvoke = Together)]
    public Task StartTogether() => Task.WhenAll(Enumerable.Range(0, Together).Select(_ => StartAsync()));

    [Benchmark]
    public async Task<bool> Find() => await _store.FindAsync(_application, _session.Id) is not null;

    [Benchmark(OperationsPerInvoke = Together)]
    public Task FindTogether() => Task.WhenAll(_sessions.Select(session => _store.FindAsync(_application, session.Id)));

    [Benchmark]
    public async Task<bool> Renew() => await RenewAsync(_session) is { } renewed && (_session = renewed) == renewed;

    [Benchmark(OperationsPerInvoke = Together)]
    public async Task<bool> RenewTogether()
    {
        var renewed = await Task.WhenAll(_sessions.Select(RenewAsync));
        return Array.TrueForAll(renewed, session => session is not null) && (_sessions = renewed!) == renewed;
    }

    private async Task<LiveSession> StartAsync()
    {
        var now = SessionTime.Now(TimeProvider.System);
        var session = new NewSession
        {
            Id = Guid.CreateVersion7(now),
            UniqueKey = $"user-{Interlocked.Increment(ref _user)}",
            Place = _place,
            Scope = null,
            Claims = null,
            KeyId = "benchmark",
            StartedAt = now,
            TokensUntil = now + _application.AccessLifetime,
            IdleExpiresAt = now + _application.RefreshIdleLifetime,
            AbsoluteExpiresAt = now + _application.RefreshAbsoluteLifetime,
        };
        await _starts.StartAsync(_application, session, CancellationToken.None);
        return new LiveSession(
            session.Id, session.UniqueKey, session.Place, 0, session.Scope, session.Claims, session.StartedAt, session.TokensUntil, session.IdleExpiresAt, session.AbsoluteExpiresAt, now);
    }

    /// <summary>The session as it is afterwards; null when the store refused.</summary>
    private async Task<LiveSession?> RenewAsync(LiveSession session)
    {
        var now = SessionTime.Now(TimeProvider.System);
        var renewal = new SessionRenewal
        {
            MovedTo = null,
            KeyId = "benchmark",
            RefreshedAt = now,
            TokensUntil = now + _application.AccessLifetime,
            IdleExpiresAt = now + _application.RefreshIdleLifetime,
            GraceUntil = now + SessionTime.Grace,
        };
        return await _store.RenewAsync(_application, session, renewal, CancellationToken.None) is null
            ? null
            : session with { Generation = session.Generation + 1, RefreshedAt = now, TokensUntil = renewal.TokensUntil, IdleExpiresAt = renewal.IdleExpiresAt };
    }
}
