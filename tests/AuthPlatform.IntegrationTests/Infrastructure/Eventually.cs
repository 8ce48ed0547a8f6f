using System.Net;

namespace AuthPlatform.IntegrationTests.Infrastructure;

/// <summary>For what is true soon, without saying how soon on a crowded machine.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static async Task TrueAsync(Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        while (!await condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
        }
    }

    /// <summary>Every replica of the Token API answers 401 to a token; returns how long that took.</summary>
    public static async Task<TimeSpan> RefusedByAllAsync(AuthPlatformFixture platform, TestApplication application, string token, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        foreach (var replica in platform.TokenApis)
        {
            await TrueAsync(
                async () => (await AuthPlatformFixture.SendAsync(replica, SignedRequests.V2(application, "/auth/verify", SignedRequests.VerifyBody(token)), cancellationToken)).Status == HttpStatusCode.Unauthorized,
                cancellationToken);
        }

        return TimeProvider.System.GetElapsedTime(started);
    }
}
