using System.Net;

namespace AuthPlatform.IntegrationTests.Infrastructure;

/// <summary>For what is true soon, without saying how soon on a crowded machine.</summary>
internal static class Eventually
{
    private const int ShortestPause = 20;
    private const int LongestPause = 200;

    /// <summary>How long whatever must come is waited for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Within it only a message can have told a Token API of a change: without one it reads an application again after 15 seconds.</summary>
    public static readonly TimeSpan ByMessage = TimeSpan.FromSeconds(12);

    public static Task TrueAsync(Func<Task<bool>> condition, CancellationToken cancellationToken) => TrueAsync(condition, Patience, cancellationToken);

    public static async Task TrueAsync(Func<Task<bool>> condition, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(limit);
        // Never much longer than it has taken so far: whoever waits for the middle of something is not to meet its end.
        for (double pause = ShortestPause; !await condition(); pause = Math.Min(pause * 1.25, LongestPause))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(pause), TimeProvider.System, patience.Token);
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
