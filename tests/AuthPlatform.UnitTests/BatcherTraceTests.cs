using System.Collections.Concurrent;
using System.Diagnostics;
using AuthPlatform.TokenApi;
using Microsoft.Extensions.Time.Testing;

namespace AuthPlatform.UnitTests;

/// <summary>Where the work that several requests share is found in their traces.</summary>
public sealed class BatcherTraceTests : IDisposable
{
    private const string Wait = "batch";
    private const string Statement = "statement";
    private const string SourceOfRequests = "AuthPlatform.UnitTests.Requests";

    private static readonly ActivitySource Requests = new(SourceOfRequests);

    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ActivityListener _listener;
    private readonly Batcher<int, string> _batcher;

    public BatcherTraceTests()
    {
        // As a service does: what a caller keeps is kept.
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is SourceOfRequests or TokenMetrics.MeterName,
            Sample = (ref ActivityCreationOptions<ActivityContext> span) =>
                span.Parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.PropagationData,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
        _batcher = new(1, 10, RunAsync, _ => false, new FakeTimeProvider());
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task RunAsync_OfTwoTraces_IsInTheFirstAndTheOtherLeadsThere()
    {
        var (first, second) = (ActivityTraceId.CreateRandom(), ActivityTraceId.CreateRandom());
        await TogetherAsync((first, ActivityTraceFlags.Recorded), (second, ActivityTraceFlags.Recorded));

        var (waited, joined) = (Ended(Wait, first), Ended(Wait, second));
        Assert.Equal(waited.SpanId, Ended(Statement, first).ParentSpanId);
        Assert.Empty(waited.Links);
        Assert.Equal(waited.Context, Assert.Single(joined.Links).Context);
        Assert.DoesNotContain(_ended, span => span.OperationName == Statement && span.TraceId == second);
    }

    [Fact]
    public async Task RunAsync_FirstOfATraceThatNobodyKeeps_IsInTheOneThatIsKept()
    {
        var (dropped, kept) = (ActivityTraceId.CreateRandom(), ActivityTraceId.CreateRandom());
        await TogetherAsync((dropped, ActivityTraceFlags.None), (kept, ActivityTraceFlags.Recorded));

        var statement = Ended(Statement, kept);
        Assert.True(statement.Recorded);
        Assert.Equal(Ended(Wait, kept).SpanId, statement.ParentSpanId);
        Assert.DoesNotContain(_ended, span => span.OperationName is Wait or Statement && span.TraceId == dropped);
    }

    [Fact]
    public async Task RunAsync_WithinTheSpanOfAClient_HasNoneOfItsOwn()
    {
        var trace = ActivityTraceId.CreateRandom();
        _gate.SetResult();
        await AskAsync(0, trace, ActivityTraceFlags.Recorded, ActivityKind.Client);

        Assert.True(Ended(Statement, trace).Recorded);
        Assert.DoesNotContain(_ended, span => span.OperationName == Wait && span.TraceId == trace);
    }

    /// <summary>Two requests that wait for a third one, and so go out together.</summary>
    private async Task TogetherAsync((ActivityTraceId Trace, ActivityTraceFlags Flags) first, (ActivityTraceId Trace, ActivityTraceFlags Flags) second)
    {
        var before = AskAsync(0, ActivityTraceId.CreateRandom(), ActivityTraceFlags.None);
        await _begun.Task.WaitAsync(Cancellation);
        Task<string>[] together = [AskAsync(1, first.Trace, first.Flags), AskAsync(2, second.Trace, second.Flags)];
        _gate.SetResult();
        Assert.Equal("0", await before);
        Assert.Equal(["1 of 2", "2 of 2"], await Task.WhenAll(together));
    }

    private async Task<string> AskAsync(int item, ActivityTraceId trace, ActivityTraceFlags flags, ActivityKind kind = ActivityKind.Server)
    {
        using var request = Requests.StartActivity("request", kind, new ActivityContext(trace, ActivitySpanId.CreateRandom(), flags, isRemote: true));
        return await _batcher.RunAsync(item);
    }

    private async Task<IReadOnlyList<string>> RunAsync(IReadOnlyList<int> items)
    {
        using var statement = Requests.StartActivity(Statement, ActivityKind.Client);
        _begun.TrySetResult();
        await _gate.Task;
        return [.. items.Select(item => items.Count == 1 ? $"{item}" : $"{item} of {items.Count}")];
    }

    private Activity Ended(string name, ActivityTraceId trace) => Assert.Single(_ended, span => span.OperationName == name && span.TraceId == trace);
}
