using System.Net;
using AuthPlatform.Gateway.Limits;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace AuthPlatform.UnitTests.Gateway;

public sealed class LimitedCallersTests : ILogger<LimitedCallers>
{
    private static readonly IPAddress Address = IPAddress.Parse("198.51.100.7");
    private readonly FakeTimeProvider _clock = new();
    private readonly List<string> _told = [];

    [Fact]
    public void Tell_OfOneCaller_SaysOnceAMinuteWhoAndWhich()
    {
        var callers = new LimitedCallers(_clock, this);

        callers.Tell("address", Address, new Caller(1, ""));
        callers.Tell("address", Address, new Caller(1, ""));
        callers.Tell("application", Address, new Caller(1, "shop"));
        Assert.Equal(
            [
                "198.51.100.7 reached the limit address: what it asks beyond that is refused",
                "198.51.100.7, which says to be shop, reached the limit application: what it asks beyond that is refused",
            ],
            _told);

        _clock.Advance(TimeSpan.FromMinutes(1));
        callers.Tell("address", Address, new Caller(1, ""));
        Assert.Equal(3, _told.Count);
    }

    [Fact]
    public void Tell_OfAFloodOfCallers_SaysAHundredAMinute()
    {
        var callers = new LimitedCallers(_clock, this);

        for (var i = 0UL; i < 1000; i++)
        {
            callers.Tell("address", Address, new Caller(i, ""));
        }

        Assert.Equal(LimitedCallers.MostPerMinute, _told.Count);
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _told.Add(formatter(state, exception));
}
