using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.Channels;
using HdrHistogram;

namespace AuthPlatform.LoadGenerator;

/// <summary>
/// Puts load on a service. Closed loop: each lane sends as soon as it has its answer. Open loop: operations begin at fixed times, whether the ones before are
/// answered or not, and the latency counts from that time even when no lane was free: a service that stalls cannot hide it.
/// </summary>
internal sealed class Load(string name, Func<int, CancellationToken, Task<Answer>> operation, int lanes, TimeProvider clock)
{
    /// <summary>Half of it still passes through the queue in a second; more is no load but an outage.</summary>
    private const int MaxWaiting = 100_000;

    /// <summary>Microseconds up to a minute, to three digits; what takes longer counts as a minute.</summary>
    private readonly LongConcurrentHistogram _latencies = new(1, TimeSpan.FromMinutes(1).Ticks / TimeSpan.TicksPerMicrosecond, 3);
    private readonly ConcurrentDictionary<string, int> _errors = new();
    private int _done;

    /// <summary>Runs for some time.</summary>
    /// <param name="duration">How long.</param>
    /// <param name="rate">Operations per second of an open loop; 0 is a closed loop.</param>
    /// <param name="progress">Hears once a second how far it is.</param>
    /// <param name="cancellationToken">Stops it early.</param>
    public async Task<LoadResult> RunAsync(TimeSpan duration, double rate, Action<string>? progress, CancellationToken cancellationToken)
    {
        using var until = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        until.CancelAfter(duration);
        var began = clock.GetTimestamp();
        var reporting = ReportAsync(duration, began, progress, until.Token);
        if (rate > 0)
        {
            var due = Channel.CreateBounded<long>(MaxWaiting);
            var working = Enumerable.Range(0, lanes).Select(lane => OpenLaneAsync(lane, due.Reader, until)).ToList();
            await Task.Factory.StartNew(() => Schedule(due.Writer, rate, began, until.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            await Task.WhenAll(working);
        }
        else
        {
            await Task.WhenAll(Enumerable.Range(0, lanes).Select(lane => ClosedLaneAsync(lane, until)));
        }

        var took = clock.GetElapsedTime(began);
        await until.CancelAsync();
        await reporting;
        cancellationToken.ThrowIfCancellationRequested();
        return new LoadResult(_done, took, Milliseconds(50), Milliseconds(90), Milliseconds(99), Milliseconds(99.9), Milliseconds(100), _errors.ToDictionary());
    }

    private double Milliseconds(double percentile) => _latencies.TotalCount == 0 ? 0 : _latencies.GetValueAtPercentile(percentile) / 1000.0;

    private async Task ClosedLaneAsync(int lane, CancellationTokenSource until)
    {
        while (!until.IsCancellationRequested)
        {
            await OneAsync(lane, clock.GetTimestamp(), until);
        }
    }

    private async Task OpenLaneAsync(int lane, ChannelReader<long> due, CancellationTokenSource until)
    {
        await foreach (var time in due.ReadAllAsync(CancellationToken.None))
        {
            await OneAsync(lane, time, until);
        }
    }

    /// <summary>Says when each operation is due, on a thread of its own.</summary>
    private void Schedule(ChannelWriter<long> due, double rate, long began, CancellationToken until)
    {
        for (var number = 0L; !until.IsCancellationRequested; number++)
        {
            var time = began + (long)(number / rate * clock.TimestampFrequency);
            while (clock.GetElapsedTime(clock.GetTimestamp(), time) is var wait && wait > TimeSpan.Zero && !until.IsCancellationRequested)
            {
                ShortSleep.For(wait, until);
            }

            if (!due.TryWrite(time))
            {
                _errors.AddOrUpdate("not sent: too many were waiting", 1, (_, count) => count + 1);
            }
        }

        due.Complete();
    }

    private async Task OneAsync(int lane, long due, CancellationTokenSource until)
    {
        try
        {
            // Never cancelled: an operation that was begun is measured to its end.
            var answer = await operation(lane, CancellationToken.None);
            if (answer.Status is 200 or 304)
            {
                // A refusal is quick and would make a service look better the more it refuses.
                _latencies.RecordValue(Math.Clamp(clock.GetElapsedTime(due).Ticks / TimeSpan.TicksPerMicrosecond, 1, _latencies.HighestTrackableValue));
                Interlocked.Increment(ref _done);
                return;
            }

            _errors.AddOrUpdate($"status {answer.Status}", 1, (_, count) => count + 1);
        }
        catch (NothingLeftException)
        {
            await until.CancelAsync();
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            _errors.AddOrUpdate(exception.GetType().Name, 1, (_, count) => count + 1);
        }
    }

    private async Task ReportAsync(TimeSpan duration, long began, Action<string>? progress, CancellationToken until)
    {
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1), clock);
        var before = 0;
        try
        {
            while (progress is not null && await second.WaitForNextTickAsync(until))
            {
                var done = Volatile.Read(ref _done);
                progress(string.Create(CultureInfo.InvariantCulture, $"{name}: {clock.GetElapsedTime(began).TotalSeconds:0} of {duration.TotalSeconds:0} s, {done - before} per second, {_errors.Values.Sum()} errors"));
                before = done;
            }
        }
        catch (OperationCanceledException) when (until.IsCancellationRequested)
        {
            // The measurement is over.
        }
    }
}
