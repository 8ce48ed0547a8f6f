using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Holds the last snapshot of every resource instance and tells whoever watches.</summary>
public class ResourceNotificationService
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ResourceEvent> _current = [];
    private readonly List<ChannelWriter<ResourceEvent>> _watchers = [];
    private long _version;

    internal ResourceNotificationService(IOptions<ResourceNotificationServiceOptions> options) => DefaultWaitBehavior = options.Value.DefaultWaitBehavior;

    /// <summary>How whoever waits for a resource does so.</summary>
    internal WaitBehavior DefaultWaitBehavior { get; }

    public Task PublishUpdateAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        foreach (var resourceId in resource.InstanceIds())
        {
            Publish(resource, resourceId, stateFactory);
        }

        return Task.CompletedTask;
    }

    internal CustomResourceSnapshot Publish(IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        lock (_lock)
        {
            var previous = _current.TryGetValue(resourceId, out var last)
                ? last.Snapshot
                : new CustomResourceSnapshot { ResourceType = resource.ResourceType(), Properties = [], Relationships = resource.Relationships() };
            var snapshot = stateFactory(previous) with { Version = ++_version };
            snapshot = snapshot with { Commands = LifecycleCommands.For(resource, snapshot.State?.Text) };
            var update = new ResourceEvent(resource, resourceId, snapshot);
            _current[resourceId] = update;
            foreach (var watcher in _watchers)
            {
                watcher.TryWrite(update);
            }

            return snapshot;
        }
    }

    /// <summary>Finds an instance by its id, or by the name of its resource when that has one instance only.</summary>
    public bool TryGetCurrentState(string resourceId, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ResourceEvent? resourceEvent)
    {
        lock (_lock)
        {
            if (!_current.TryGetValue(resourceId, out resourceEvent))
            {
                var byName = _current.Values.Where(e => string.Equals(e.Resource.Name, resourceId, StringComparison.OrdinalIgnoreCase)).Take(2).ToList();
                resourceEvent = byName.Count == 1 ? byName[0] : null;
            }

            return resourceEvent is not null;
        }
    }

    /// <summary>Yields the present snapshot of every instance, then every change.</summary>
    public async IAsyncEnumerable<ResourceEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var channel = Channel.CreateUnbounded<ResourceEvent>();
        lock (_lock)
        {
            foreach (var present in _current.Values.OrderBy(e => e.Snapshot.Version))
            {
                channel.Writer.TryWrite(present);
            }

            _watchers.Add(channel.Writer);
        }

        try
        {
            await foreach (var update in channel.Reader.ReadAllAsync(cancellationToken))
            {
                yield return update;
            }
        }
        finally
        {
            lock (_lock)
            {
                _watchers.Remove(channel.Writer);
            }
        }
    }

    public async Task<ResourceEvent> WaitForResourceAsync(string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        try
        {
            return await WatchAsync(cancellationToken)
                .FirstAsync(e => string.Equals(e.Resource.Name, resourceName, StringComparison.OrdinalIgnoreCase) && predicate(e), cancellationToken);
        }
        catch (OperationCanceledException exception)
        {
            var last = TryGetCurrentState(resourceName, out var current)
                ? $"It is {current.Snapshot.State?.Text} and {current.Snapshot.HealthStatus?.ToString() ?? "without health"}."
                : "It is not known.";
            throw new OperationCanceledException($"Waiting for resource '{resourceName}' was cancelled. {last}", exception, exception.CancellationToken);
        }
    }

    public async Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default)
    {
        var reached = await WaitForResourceAsync(
            resourceName,
            e => (e.Snapshot.HealthStatus == HealthStatus.Healthy && e.Snapshot.Ready is not null)
                || (DefaultWaitBehavior == WaitBehavior.StopOnResourceUnavailable && e.Snapshot.IsUnavailable()),
            cancellationToken);
        if (reached.Snapshot.Ready is null || reached.Snapshot.HealthStatus != HealthStatus.Healthy)
        {
            throw new DistributedApplicationException($"Stopped waiting for resource '{resourceName}' to become healthy because it is {reached.Snapshot.State?.Text}.");
        }

        await reached.Snapshot.Ready.WaitAsync(cancellationToken);
        return reached;
    }
}

public class ResourceEvent(IResource resource, string resourceId, CustomResourceSnapshot snapshot)
{
    public IResource Resource { get; } = resource;

    public string ResourceId { get; } = resourceId;

    public CustomResourceSnapshot Snapshot { get; } = snapshot;
}

public sealed class ResourceNotificationServiceOptions
{
    public WaitBehavior DefaultWaitBehavior { get; set; }
}

public enum WaitBehavior
{
    WaitOnResourceUnavailable,
    StopOnResourceUnavailable,
}
