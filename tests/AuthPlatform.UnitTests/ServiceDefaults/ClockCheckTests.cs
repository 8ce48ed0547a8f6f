using AuthPlatform.ServiceDefaults;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace AuthPlatform.UnitTests.ServiceDefaults;

public sealed class ClockCheckTests
{
    private readonly FakeTimeProvider _clock = new();
    private TimeSpan _off;

    [Theory]
    [InlineData(0, true)]
    [InlineData(15, true)]
    [InlineData(-15, true)]
    [InlineData(16, false)]
    [InlineData(-16, false)]
    [InlineData(86_400, false)]
    public async Task Check_ByHowFarTheClockIsOff_SaysWhetherTheServiceIsReady(int seconds, bool isReady)
    {
        var check = NewCheck();
        _off = TimeSpan.FromSeconds(seconds);
        Assert.Equal(isReady ? HealthStatus.Healthy : HealthStatus.Unhealthy, await StatusAsync(check));
    }

    [Fact]
    public async Task Check_AfterTheClockWasSetRight_IsHealthyAgain()
    {
        var check = NewCheck();
        _off = TimeSpan.FromHours(1);
        Assert.Equal(HealthStatus.Unhealthy, await StatusAsync(check));
        _off = TimeSpan.Zero;
        Assert.Equal(HealthStatus.Healthy, await StatusAsync(check));
    }

    [Fact]
    public async Task Check_WithADatabaseThatTakesLongToAnswer_BlamesNoClock()
    {
        var check = new ClockCheck(
            _ =>
            {
                var there = _clock.GetUtcNow();
                _clock.Advance(TimeSpan.FromSeconds(60));
                return Task.FromResult(there);
            },
            _clock,
            NullLogger<ClockCheck>.Instance);
        Assert.Equal(HealthStatus.Healthy, await StatusAsync(check));
    }

    private ClockCheck NewCheck() => new(_ => Task.FromResult(_clock.GetUtcNow() + _off), _clock, NullLogger<ClockCheck>.Instance);

    private static async Task<HealthStatus> StatusAsync(ClockCheck check) => (await check.CheckHealthAsync(new HealthCheckContext(), TestContext.Current.CancellationToken)).Status;
}
