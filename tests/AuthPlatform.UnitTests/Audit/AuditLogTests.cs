using System.Diagnostics.Metrics;
using AuthPlatform.Data.Auth;
using AuthPlatform.TokenApi.Audit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace AuthPlatform.UnitTests.Audit;

public sealed class AuditLogTests : IDisposable
{
    private const int Capacity = 10_000;

    private readonly FakeTimeProvider _clock = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly List<Guid> _written = [];
    private readonly MeterListener _listener = new();
    private readonly Outages _outages = new();
    private Func<IReadOnlyCollection<AuditEvent>, Exception?> _refuse = _ => null;
    private int _attempts;
    private long _lost;

    public AuditLogTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "authplatform.audit.lost" && instrument.Meter.Scope == _services.GetRequiredService<IMeterFactory>())
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, _, _) => _lost = value);
        _listener.Start();
    }

    private long Lost()
    {
        _listener.RecordObservableInstruments();
        return _lost;
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _listener.Dispose();
        _services.Dispose();
    }

    [Theory]
    [InlineData(null)]
    [InlineData(PostgresErrorCodes.DiskFull)]
    [InlineData(PostgresErrorCodes.UndefinedTable)]
    public async Task Events_WhileTheDatabaseIsAwayOrFull_AreKeptAndWrittenInOrder(string? sqlState)
    {
        _refuse = _ => _attempts > 3 ? null : sqlState is null ? new NpgsqlException("away") : Refusal(sqlState);
        using var log = NewLog();
        await log.StartAsync(Cancellation);
        var events = Events(2500);
        await log.WriteAsync(events);

        await UntilAsync(() => _written.Count == events.Count);

        Assert.Equal(events.Select(e => e.Id), _written);
        Assert.Equal(0, Lost());
        await log.StopAsync(Cancellation);
    }

    /// <summary>The connection broke when all had been written. That outage is over then, and the next one is told as well.</summary>
    [Fact]
    public async Task Events_ThatAreThereAlready_AreNeitherTriedAgainNorLost()
    {
        var answers = new Queue<Exception?>([new NpgsqlException("broke"), Refusal(PostgresErrorCodes.UniqueViolation), new NpgsqlException("away"), null]);
        _refuse = _ => answers.Dequeue();
        using var log = NewLog();
        await log.StartAsync(Cancellation);
        await log.WriteAsync(Events(5));
        await UntilAsync(() => _attempts == 2);

        var next = Events(1);
        await log.WriteAsync(next);
        await UntilAsync(() => _written.Count == 1);

        Assert.Equal(next.Select(e => e.Id), _written);
        Assert.Equal((4, 0, 2), (_attempts, Lost(), _outages.Told));
        await log.StopAsync(Cancellation);
    }

    [Fact]
    public async Task Event_ThatTheDatabaseRefuses_IsLostAndHoldsUpNoOther()
    {
        var events = Events(5);
        _refuse = batch => batch.Contains(events[2]) ? Refusal(PostgresErrorCodes.CharacterNotInRepertoire) : null;
        using var log = NewLog();
        await log.StartAsync(Cancellation);
        await log.WriteAsync(events);

        await UntilAsync(() => _written.Count == 4);

        Assert.Equal([events[0].Id, events[1].Id, events[3].Id, events[4].Id], _written);
        Assert.Equal(1, Lost());
        await log.StopAsync(Cancellation);
    }

    [Fact]
    public async Task Events_BeyondWhatFits_AreLostAfterAMomentAndCounted()
    {
        using var log = NewLog();
        await log.WriteAsync(Events(Capacity));

        var waiting = log.WriteAsync(Events(3)).AsTask();
        Assert.False(waiting.IsCompleted);
        await UntilAsync(() => waiting.IsCompleted);

        Assert.Equal(3, Lost());
    }

    [Fact]
    public async Task Stop_WithEventsThatWait_WritesThem()
    {
        using var log = NewLog();
        var events = Events(1500);
        await log.StartAsync(Cancellation);
        await log.WriteAsync(events);

        var stopping = log.StopAsync(Cancellation);
        await UntilAsync(() => stopping.IsCompleted);

        Assert.Equal(events.Select(e => e.Id), _written);
        await log.WriteAsync(Events(1));
        Assert.Equal(1, Lost());
    }

    [Fact]
    public async Task Stop_WhileTheDatabaseIsAway_EndsWithTheHostsPatience()
    {
        _refuse = _ => new NpgsqlException("away");
        using var log = NewLog();
        await log.StartAsync(Cancellation);
        await log.WriteAsync(Events(5));
        await UntilAsync(() => _attempts > 0);
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));

        await log.StopAsync(patience.Token).WaitAsync(TimeSpan.FromSeconds(5), TimeProvider.System, Cancellation);

        Assert.Equal(5, Lost());
    }

    private AuditLog NewLog() => new(WriteAsync, new AuditMetrics(_services.GetRequiredService<IMeterFactory>()), _clock, _outages);

    private Task WriteAsync(IReadOnlyCollection<AuditEvent> events, CancellationToken cancellationToken)
    {
        _attempts++;
        if (_refuse(events) is { } refusal)
        {
            throw refusal;
        }

        _written.AddRange(events.Select(e => e.Id));
        return Task.CompletedTask;
    }

    private static PostgresException Refusal(string sqlState) => new("refused", "ERROR", "ERROR", sqlState);

    private List<AuditEvent> Events(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => new AuditEvent { Id = Guid.CreateVersion7(), OccurredAt = _clock.GetUtcNow(), Kind = AuditKinds.Issued })];

    /// <summary>Lets time pass until it is so.</summary>
    private async Task UntilAsync(Func<bool> isSo)
    {
        for (var i = 0; !isSo(); i++)
        {
            Assert.True(i < 1000, "It never happened.");
            _clock.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Cancellation);
        }
    }

    /// <summary>Counts how often it was said that events wait.</summary>
    private sealed class Outages : ILogger<AuditLog>
    {
        public int Told { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Told += eventId.Id == 1 ? 1 : 0;
    }
}
