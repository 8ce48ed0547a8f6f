using System.Reflection;
using AuthPlatform.TokenApi.Sessions;
using StackExchange.Redis;

namespace AuthPlatform.UnitTests.Sessions;

/// <summary>When the sentinel in Redis counts: only after the connection has stood for two whole rounds of copying.</summary>
public sealed class RevocationTrustTests
{
    private readonly Connection _connection;
    private readonly RevocationTrust _trust;

    public RevocationTrustTests()
    {
        var redis = DispatchProxy.Create<IConnectionMultiplexer, Connection>();
        _connection = (Connection)redis;
        _trust = new RevocationTrust(redis);
    }

    [Fact]
    public void Accepts_RoundAfterRound_BeginsWithTheThird() => Assert.Equal([false, false, true, true, true], Accept(10, 11, 12, 12, 13));

    [Fact]
    public void Accepts_ARoundSeenTwice_CountsOnce() => Assert.Equal([false, false, false, false, true], Accept(10, 10, 11, 11, 12));

    /// <summary>One that went back in time is no progress: it was brought back from a disk.</summary>
    [Fact]
    public void Accepts_AnOlderRound_DoesNotCount() => Assert.Equal([false, false, false, false, true], Accept(10, 9, 11, 8, 12));

    [Fact]
    public void Accepts_NoSentinel_NeverAndForgetsNothing()
    {
        RedisValue[] none = [RedisValue.Null, RedisValue.EmptyString, "x", "1.5", "99999999999999999999", "-1", "0"];
        Accept(10, 11);
        Assert.All(none, value => Assert.False(_trust.Accepts(value)));
        Assert.Equal([true], Accept(12));
        Assert.All(none[..5], value => Assert.False(_trust.Accepts(value)));
        Assert.Equal([true], Accept(12));
    }

    [Theory]
    [InlineData(nameof(IConnectionMultiplexer.ConnectionFailed))]
    [InlineData(nameof(IConnectionMultiplexer.ConfigurationChanged))]
    [InlineData(nameof(RevocationTrust.Forget))]
    public void Accepts_AfterTheConnectionWasInDoubt_BeginsAgain(string doubt)
    {
        Assert.Equal([false, false, true], Accept(10, 11, 12));

        if (doubt == nameof(RevocationTrust.Forget))
        {
            _trust.Forget();
        }
        else
        {
            _connection.Raise(doubt);
        }

        Assert.Equal([false, false, false, true], Accept(12, 12, 13, 14));
    }

    [Fact]
    public void Accepts_OneRoundByManyAtOnce_CountsOnce()
    {
        for (var round = 1; round <= 2; round++)
        {
            Parallel.For(0, 1000, _ => Assert.False(_trust.Accepts(round)));
        }

        Parallel.For(0, 1000, _ => Assert.True(_trust.Accepts(3)));
    }

    private bool[] Accept(params long[] rounds) => [.. rounds.Select(round => _trust.Accepts(round))];

    /// <summary>A connection of which nothing is used but its events.</summary>
    public class Connection : DispatchProxy
    {
        private readonly Dictionary<string, Delegate> _handlers = [];

        public void Raise(string name) => _handlers[name].DynamicInvoke(this, null);

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            _handlers.Add(targetMethod!.Name["add_".Length..], (Delegate)args![0]!);
            return null;
        }
    }
}
