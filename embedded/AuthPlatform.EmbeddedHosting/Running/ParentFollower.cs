using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>Runs a resource that has no process of its own, such as a database: it lives while its parent does, with a health of its own.</summary>
internal sealed class ParentFollower(IResourceWithParent child, ResourceNotificationService notifications, HealthMonitor health, TimeProvider time)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var life = default(DateTime?);
            await foreach (var update in notifications.WatchAsync(cancellationToken))
            {
                if (update.Resource != child.Parent)
                {
                    continue;
                }

                var snapshot = update.Snapshot;
                var isRunning = snapshot.State?.Text == KnownResourceStates.Running;
                if (!isRunning)
                {
                    life = null;
                    await notifications.PublishUpdateAsync(child, s => s with { State = snapshot.State, Ready = null });
                }
                else if (life != snapshot.StartTimeStamp)
                {
                    life = snapshot.StartTimeStamp;
                    await notifications.PublishUpdateAsync(
                        child, s => s with { State = snapshot.State, StartTimeStamp = life, HealthReports = HealthMonitor.NotYetChecked(child), Ready = null });
                    _ = WatchHealthAsync(update.ResourceId, life, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>Checks the child's health until this life of the parent is over.</summary>
    private async Task WatchHealthAsync(string parentId, DateTime? life, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = health.RunAsync(child, 0, child.Name, child.Name, time.GetTimestamp(), stop.Token);
        await notifications.WatchAsync(CancellationToken.None).FirstAsync(
            e => e.ResourceId == parentId && (e.Snapshot.State?.Text != KnownResourceStates.Running || e.Snapshot.StartTimeStamp != life), cancellationToken);
        await stop.CancelAsync();
        await watching;
    }
}
