using AuthPlatform.IntegrationTests.Gateway;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Hosting;

/// <summary>Whether threads that are woken push others away.</summary>
public sealed class SchedulingTests(AuthPlatformFixture platform)
{
    private const int Usual = 0;
    private const int Batch = 3;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, Batch)]
    [InlineData("false", Usual)]
    public async Task Threads_OfAService_AreScheduledAsItsSettingSays(string? setting, int expected)
    {
        Dictionary<string, string> settings = setting is null ? [] : new() { ["Scheduling__Batch"] = setting };
        using var gateway = await GatewayProcess.StartAsync(platform, settings, Cancellation);
        var policies = gateway.SchedulingPolicies;
        Assert.NotEmpty(policies);
        Assert.All(policies, policy => Assert.Equal(expected, policy));
    }
}
