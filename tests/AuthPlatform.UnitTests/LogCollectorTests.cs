using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.UnitTests;

/// <summary>What the integration tests take for a defect of a service.</summary>
public sealed class LogCollectorTests
{
    [Theory]
    [InlineData("2026-11-27T21:20:33.123Z fail: AuthPlatform.TokenApi[1] trace_id=0af7651916cd43dd8448eb211c80319c It broke.", true)]
    [InlineData("2026-11-27T21:20:33.123Z warn: AuthPlatform.TokenApi[1] It is away.", false)]
    [InlineData("fail: AuthPlatform.TokenApi[1] It broke.", true)]
    [InlineData("crit: AuthPlatform.TokenApi[1] It broke.", true)]
    [InlineData("\e[41m\e[30mfail\e[39m\e[22m\e[49m: AuthPlatform.TokenApi[1] It broke.", true)]
    [InlineData("\e[1m\e[37m\e[41mcrit\e[39m\e[22m\e[49m: AuthPlatform.TokenApi[1] It broke.", true)]
    [InlineData("Unhandled exception. System.InvalidOperationException: It broke.", true)]
    [InlineData("\e[40m\e[1m\e[33mwarn\e[39m\e[22m\e[49m: AuthPlatform.TokenApi[1] It is away.", false)]
    [InlineData("info: AuthPlatform.TokenApi[1] Requests did not fail", false)]
    public void Line_OfAService_IsAnErrorWhateverItsColour(string line, bool expected) => Assert.Equal(expected, LogCollector.IsError(line));
}
