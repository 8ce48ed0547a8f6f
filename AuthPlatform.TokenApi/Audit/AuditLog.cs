using System.Data.Common;
using System.Threading.Channels;
using AuthPlatform.Data.Auth;
using Npgsql;

namespace AuthPlatform.TokenApi.Audit;

/// <summary>
/// Takes events from requests and writes them to Postgres in the background, in order. While Postgres is away they wait here; when no more fit, callers wait a
/// moment, and then the event is lost and counted, because a platform that hangs would be worse.
/// </summary>
internal sealed partial class AuditLog : BackgroundService
{
    private const int Capacity = 10_000;
    private const int BatchSize = 1000;
    private static readonly TimeSpan BatchDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LossReportPeriod = TimeSpan.FromMinutes(1);

    private readonly Channel<AuditEvent> _waiting = Channel.CreateBounded<AuditEvent>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly Func<IReadOnlyCollection<AuditEvent>, CancellationToken, Task> _write;
    private readonly AuditMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly ILogger<AuditLog> _logger;
    private readonly Lock _reporting = new();
    private int _inHand;
    private long _unreported;
    private DateTimeOffset _reportedAt = DateTimeOffset.MinValue;
    private bool _failed;

    public AuditLog(AuditTable table, AuditMetrics metrics, TimeProvider clock, ILogger<AuditLog> logger)
        : this(table.WriteAsync, metrics, clock, logger)
    {
    }

    internal AuditLog(Func<IReadOnlyCollection<AuditEvent>, CancellationToken, Task> write, AuditMetrics metrics, TimeProvider clock, ILogger<AuditLog> logger)
    {
        (_write, _metrics, _clock, _logger) = (write, metrics, clock, logger);
        metrics.ObserveWaiting(() => _waiting.Reader.Count + _inHand);
    }

    /// <summary>Takes events; returns at once unless too many wait already. Not cancelled with the request: what they tell has happened.</summary>
    public ValueTask WriteAsync(params IReadOnlyList<AuditEvent> events)
    {
        var next = 0;
        while (next < events.Count && _waiting.Writer.TryWrite(events[next]))
        {
            next++;
        }

        return next == events.Count ? ValueTask.CompletedTask : WaitAsync(events, next);
    }

    /// <summary>Writes what still waits, for as long as the host lets it.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _waiting.Writer.TryComplete();
        try
        {
            await (ExecuteTask ?? Task.CompletedTask).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Lose(_inHand + _waiting.Reader.Count, atOnce: true);
        }

        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var batch = new List<AuditEvent>(BatchSize);
        while (await _waiting.Reader.WaitToReadAsync(stoppingToken))
        {
            if (_waiting.Reader.Count < BatchSize)
            {
                await Task.Delay(BatchDelay, _clock, stoppingToken);
            }

            while (batch.Count < BatchSize && _waiting.Reader.TryRead(out var next))
            {
                batch.Add(next);
            }

            _inHand = batch.Count;
            await KeepWritingAsync(batch, stoppingToken);
            _inHand = 0;
            batch.Clear();
        }
    }

    private async ValueTask WaitAsync(IReadOnlyList<AuditEvent> events, int next)
    {
        using var patience = new CancellationTokenSource(Patience, _clock);
        try
        {
            for (; next < events.Count; next++)
            {
                await _waiting.Writer.WriteAsync(events[next], patience.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ChannelClosedException)
        {
            Lose(events.Count - next);
        }
    }

    /// <summary>Returns when the batch is in the database, or the database refuses what is in it.</summary>
    private async Task KeepWritingAsync(List<AuditEvent> batch, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await _write(batch, cancellationToken);
                Written(batch.Count);
                return;
            }
            catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
            {
                // The connection broke at the end of the attempt before: all of it is there.
                Written(batch.Count);
                return;
            }
            catch (PostgresException exception) when (exception.SqlState.StartsWith("22", StringComparison.Ordinal) || exception.SqlState.StartsWith("23", StringComparison.Ordinal))
            {
                // A value that does not fit will not fit the next time either. It must not hold up the others.
                _failed = false;
                await WriteOneByOneAsync(batch, exception, cancellationToken);
                return;
            }
            catch (Exception exception) when (exception is DbException or TimeoutException)
            {
                if (!_failed)
                {
                    Log.Failed(_logger, exception.Message);
                    _failed = true;
                }

                await Task.Delay(RetryDelay, _clock, cancellationToken);
            }
        }
    }

    private void Written(int events)
    {
        _metrics.Written(events);
        _failed = false;
    }

    private async Task WriteOneByOneAsync(List<AuditEvent> batch, PostgresException refusal, CancellationToken cancellationToken)
    {
        if (batch is [_])
        {
            Log.Refused(_logger, refusal.SqlState);
            Lose(1);
            return;
        }

        foreach (var one in batch)
        {
            await KeepWritingAsync([one], cancellationToken);
            _inHand--;
        }
    }

    private void Lose(int events, bool atOnce = false)
    {
        _metrics.Lost(events);
        lock (_reporting)
        {
            _unreported += events;
            var now = _clock.GetUtcNow();
            if (_unreported == 0 || (!atOnce && now - _reportedAt < LossReportPeriod))
            {
                return;
            }

            Log.Lost(_logger, _unreported);
            (_unreported, _reportedAt) = (0, now);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Audit events are not written at the moment: {Reason}. They wait, and writing is tried again every second")]
        public static partial void Failed(ILogger logger, string reason);

        [LoggerMessage(2, LogLevel.Warning, "{Count} audit events were lost, because the database did not take them in time")]
        public static partial void Lost(ILogger logger, long count);

        [LoggerMessage(3, LogLevel.Error, "The database refuses an audit event for what is in it (SQLSTATE {State})")]
        public static partial void Refused(ILogger logger, string state);
    }
}
