using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Running;

/// <summary>The waiting of WaitFor and WaitForCompletion.</summary>
internal static class Dependencies
{
    /// <summary>Whoever waits longer says what for.</summary>
    private static readonly TimeSpan UsualWait = TimeSpan.FromSeconds(10);

    /// <param name="resource">What waits.</param>
    /// <param name="notifications">Tell how the others are.</param>
    /// <param name="waiting">Called when something is not there yet.</param>
    /// <param name="tell">Takes what the developer should know: what keeps the resource waiting, perhaps for ever.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task WaitAsync(
        IResource resource, ResourceNotificationService notifications, Action waiting, Action<string> tell, TimeProvider time, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var waits = resource.Annotations.OfType<WaitAnnotation>()
            .SelectMany(wait => wait.Resource.InstanceIds().Select(id => (wait.Resource.Name, Task: WaitAsync(wait, id, notifications, tell, enough.Token))))
            .ToList();
        if (waits.Any(wait => !wait.Task.IsCompletedSuccessfully))
        {
            waiting();
            _ = TellWhenLongAsync(enough.Token);
        }

        try
        {
            // One that will never come makes waiting for the others pointless.
            await foreach (var wait in Task.WhenEach(waits.Select(w => w.Task)))
            {
                await wait;
            }
        }
        finally
        {
            await enough.CancelAsync();
        }

        async Task TellWhenLongAsync(CancellationToken over)
        {
            await Task.Delay(UsualWait, time, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!over.IsCancellationRequested)
            {
                tell($"still waits for {string.Join(", ", waits.Where(wait => !wait.Task.IsCompleted).Select(wait => wait.Name).Distinct())}");
            }
        }
    }

    private static async Task WaitAsync(WaitAnnotation wait, string id, ResourceNotificationService notifications, Action<string> tell, CancellationToken cancellationToken)
    {
        var reached = await ReachedAsync(e => e.IsUnavailable() || (wait.WaitType == WaitType.WaitUntilHealthy && IsReady(e)));
        var keepsWaiting = notifications.DefaultWaitBehavior == WaitBehavior.WaitOnResourceUnavailable;
        if (wait.WaitType == WaitType.WaitUntilHealthy && keepsWaiting && !IsReady(reached))
        {
            var happened = reached.State?.Text == KnownResourceStates.FailedToStart ? "failed to start" : "has ended";
            tell($"waits for {wait.Resource.Name}, which {happened}: see above. It goes on when that is started in the dashboard; without one, restart the AppHost");
            reached = await ReachedAsync(IsReady);
        }

        if (Complaint(wait, reached) is { } complaint)
        {
            throw new DistributedApplicationException(complaint);
        }

        await (reached.Ready ?? Task.CompletedTask).WaitAsync(cancellationToken);

        async Task<CustomResourceSnapshot> ReachedAsync(Func<CustomResourceSnapshot, bool> isReached) =>
            (await notifications.WaitForResourceAsync(wait.Resource.Name, e => e.ResourceId == id && isReached(e.Snapshot), cancellationToken)).Snapshot;
    }

    internal static string? Complaint(WaitAnnotation wait, CustomResourceSnapshot snapshot) => (wait.WaitType, snapshot.State?.Text) switch
    {
        (_, "FailedToStart") => $"it depends on '{wait.Resource.Name}', which failed to start.",
        (WaitType.WaitUntilHealthy, var state) when !IsReady(snapshot) => $"it depends on '{wait.Resource.Name}', which is {state} with exit code {snapshot.ExitCode}.",
        (WaitType.WaitForCompletion, _) when snapshot.ExitCode != 0 =>
            $"it depends on '{wait.Resource.Name}', which ended with exit code {snapshot.ExitCode?.ToString() ?? "unknown"} instead of 0.",
        _ => null,
    };

    private static bool IsReady(CustomResourceSnapshot snapshot) => snapshot.HealthStatus == HealthStatus.Healthy && snapshot.Ready is not null;
}
