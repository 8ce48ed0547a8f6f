using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Running;

/// <summary>The waiting of WaitFor and WaitForCompletion.</summary>
internal static class Dependencies
{
    public static async Task WaitAsync(IResource resource, ResourceNotificationService notifications, Action waiting, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var waits = resource.Annotations.OfType<WaitAnnotation>()
            .SelectMany(wait => wait.Resource.InstanceIds().Select(id => WaitAsync(wait, id, notifications, enough.Token)))
            .ToList();
        if (waits.Any(wait => !wait.IsCompletedSuccessfully))
        {
            waiting();
        }

        try
        {
            // One that will never come makes waiting for the others pointless.
            await foreach (var wait in Task.WhenEach(waits))
            {
                await wait;
            }
        }
        finally
        {
            await enough.CancelAsync();
        }
    }

    private static async Task WaitAsync(WaitAnnotation wait, string id, ResourceNotificationService notifications, CancellationToken cancellationToken)
    {
        var stop = (wait.WaitBehavior ?? notifications.DefaultWaitBehavior) == WaitBehavior.StopOnResourceUnavailable;
        var reached = await notifications.WaitForResourceAsync(
            wait.Resource.Name,
            e => e.ResourceId == id && (wait.WaitType == WaitType.WaitForCompletion ? e.Snapshot.IsUnavailable() : IsReady(e.Snapshot) || (stop && e.Snapshot.IsUnavailable())),
            cancellationToken);
        if (Complaint(wait, reached.Snapshot) is { } complaint)
        {
            throw new DistributedApplicationException(complaint);
        }

        await (reached.Snapshot.Ready ?? Task.CompletedTask).WaitAsync(cancellationToken);
    }

    internal static string? Complaint(WaitAnnotation wait, CustomResourceSnapshot snapshot) => (wait.WaitType, snapshot.State?.Text) switch
    {
        (_, "FailedToStart") => $"it depends on '{wait.Resource.Name}', which failed to start.",
        (WaitType.WaitUntilHealthy, var state) when !IsReady(snapshot) => $"it depends on '{wait.Resource.Name}', which is {state} with exit code {snapshot.ExitCode}.",
        (WaitType.WaitForCompletion, _) when snapshot.ExitCode != wait.ExitCode =>
            $"it depends on '{wait.Resource.Name}', which ended with exit code {snapshot.ExitCode?.ToString() ?? "unknown"} instead of {wait.ExitCode}.",
        _ => null,
    };

    private static bool IsReady(CustomResourceSnapshot snapshot) => snapshot.HealthStatus == HealthStatus.Healthy && snapshot.Ready is not null;
}
