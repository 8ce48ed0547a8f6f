using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AuthPlatform.ServiceDefaults;

/// <summary>
/// A look at all that a service needs, which everybody shares who asks within a second: anybody may ask, and each look costs statements and calls. While something is
/// missing it is good for a moment only, so that whoever waits for it hears at once that it is there; and a look that takes longer than anybody waits does not keep others from
/// taking another one.
/// </summary>
internal sealed class HealthLook(HealthCheckService checks, HealthMetrics metrics, TimeProvider clock)
{
    private static readonly TimeSpan Good = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Bad = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private Task<HealthReport>? _latest;
    private long _began;
    private long _told;

    /// <summary>Whether the service takes requests is not in it: that is told without delay.</summary>
    public Task<HealthReport> TakeAsync()
    {
        lock (_lock)
        {
            if (_latest is null || IsOver(_latest))
            {
                _began = clock.GetTimestamp();
                _latest = LookAsync(_began);
            }

            return _latest;
        }
    }

    private async Task<HealthReport> LookAsync(long began)
    {
        // It ends with nobody's request: others wait for it too, and what it finds counts though nobody had the patience to hear it.
        var report = await checks.CheckHealthAsync(check => !HealthEndpoints.IsAboutServing(check), CancellationToken.None);
        Tell(report, began);
        return report;
    }

    private void Tell(HealthReport report, long began)
    {
        lock (_lock)
        {
            // One that hung may end after others that began later, and know more.
            if (began >= _told)
            {
                _told = began;
                metrics.Checked(report);
            }
        }
    }

    private bool IsOver(Task<HealthReport> look) =>
        clock.GetElapsedTime(_began) >= (!look.IsCompleted ? Patience : look.IsCompletedSuccessfully && look.Result.Status == HealthStatus.Healthy ? Good : Bad);
}
