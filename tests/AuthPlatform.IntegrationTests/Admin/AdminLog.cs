using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>What Admin Web logs arrives a moment after its answers, one line after the other.</summary>
internal static class AdminLog
{
    /// <summary>What one test makes it say looks like what another does: while one waits, nobody else makes it say anything.</summary>
    private static readonly SemaphoreSlim Turn = new(1);

    /// <summary>Returns when all is here that it has logged so far: it is made to say one thing more, and that is here.</summary>
    public static async Task AdminLogArrivedAsync(this AuthPlatformFixture platform, CancellationToken cancellationToken)
    {
        await Turn.WaitAsync(cancellationToken);
        try
        {
            var before = Count();
            using var browser = await AdminBrowser.OpenAsync(platform, cancellationToken);
            browser.Cookies["__Host-authplatform-toast"] = "x";
            await browser.GetAsync("/admin/sign-in", cancellationToken);
            await Eventually.TrueAsync(() => Task.FromResult(Count() > before), cancellationToken);
        }
        finally
        {
            Turn.Release();
        }

        int Count() => platform.Logs.Lines.Count(line => line.Contains("The temp data cookie", StringComparison.Ordinal));
    }
}
