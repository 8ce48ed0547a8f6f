using System.Collections.Concurrent;
using AuthPlatform.Data.Auth;

namespace AuthPlatform.TokenApi.Traffic;

/// <summary>Counts, in this process, what the administrators' overview shows per minute. Requests only add to a number; <see cref="TrafficLog"/> writes them down.</summary>
internal sealed class TrafficTally
{
    private readonly ConcurrentDictionary<(string Kind, string Code), Number> _counts = new();

    /// <summary>Counts one.</summary>
    /// <param name="kind">One of <see cref="TrafficKinds"/>.</param>
    /// <param name="code">For refusals, one of the fixed codes of answers.</param>
    public void Add(string kind, string code = "") => Interlocked.Increment(ref _counts.GetOrAdd((kind, code), static _ => new Number()).Value);

    /// <summary>Gives what was counted since the last time.</summary>
    public IReadOnlyList<(string Kind, string Code, long Count)> Take() =>
        [.. _counts.Select(c => (c.Key.Kind, c.Key.Code, Count: Interlocked.Exchange(ref c.Value.Value, 0))).Where(c => c.Count > 0)];

    private sealed class Number
    {
        public long Value;
    }
}
