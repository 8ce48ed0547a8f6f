using System.Reflection;
using StackExchange.Redis;

namespace AuthPlatform.IntegrationTests;

/// <summary>A Redis that counts what it is told.</summary>
public class CountingRedis : DispatchProxy
{
    private CountingRedis? _whole;
    private int _written;

    internal IConnectionMultiplexer Connection => (IConnectionMultiplexer)(object)this;

    /// <summary>How much it was told.</summary>
    internal int Written => Volatile.Read(ref _written);

    /// <summary>What it was told last.</summary>
    internal RedisValue Last { get; private set; }

    /// <summary>Ends when it answers.</summary>
    internal Task<bool> Answer { get; set; } = Task.FromResult(true);

    internal static CountingRedis Create() => (CountingRedis)(object)Create<IConnectionMultiplexer, CountingRedis>();

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        switch (targetMethod!.Name)
        {
            case nameof(IConnectionMultiplexer.GetDatabase):
                return Part<IDatabase>();
            case nameof(IDatabase.CreateBatch):
                return Part<IBatch>();
            case nameof(IBatch.StringSetAsync):
                _whole!.Last = (RedisValue)args![1]!;
                Interlocked.Increment(ref _whole._written);
                return _whole.Answer;
            default:
                return null;
        }
    }

    private T Part<T>()
        where T : class
    {
        var part = Create<T, CountingRedis>();
        ((CountingRedis)(object)part)._whole = _whole ?? this;
        return part;
    }
}
