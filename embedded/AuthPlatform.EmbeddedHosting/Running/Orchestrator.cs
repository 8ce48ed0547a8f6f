using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Running;

/// <summary>Starts everything, each as soon as what it waits for is there, and stops it in the opposite order.</summary>
internal sealed class Orchestrator(
    DistributedApplicationModel model,
    ResourceNotificationService notifications,
    ResourceLoggerService logs,
    ResourceLaunchers launchers,
    ILoggerFactory loggerFactory,
    IServiceProvider services,
    TimeProvider time) : IHostedService, IAsyncDisposable
{
    /// <summary>Whoever has not ended by then is killed: services first, so that stores have time left to write.</summary>
    private static readonly TimeSpan ServicePatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StorePatience = TimeSpan.FromSeconds(8);

    /// <summary>One that is stopped alone holds nobody up: it may finish what is under way, and what it says it drains.</summary>
    private static readonly TimeSpan CommandPatience = TimeSpan.FromSeconds(30);

    private readonly ILogger _console = loggerFactory.CreateLogger("Aspire.Hosting");
    private readonly List<ResourceInstance> _instances = [];
    private Task? _stopped;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var health = new HealthMonitor(notifications, logs, _console, services, time);
        var instanceServices = new InstanceServices(notifications, logs, launchers, health, _console, time);
        _instances.AddRange(model.Resources.Where(resource => resource.IsProcess())
            .SelectMany(resource => resource.InstanceIds().Select((id, replica) => new ResourceInstance(resource, replica, id, Children(resource), instanceServices))));
        foreach (var resource in model.Resources)
        {
            await notifications.PublishUpdateAsync(resource, s => s with { State = KnownResourceStates.NotStarted, CreationTimeStamp = time.GetUtcNow().UtcDateTime });
        }

        foreach (var parameter in model.Resources.OfType<ParameterResource>())
        {
            var value = new ResourcePropertySnapshot("Value", await parameter.GetValueAsync(cancellationToken)) { IsSensitive = parameter.Secret };
            await notifications.PublishUpdateAsync(parameter, s => s with { State = KnownResourceStates.Running, Properties = [value], Ready = Task.CompletedTask });
        }

        foreach (var connection in model.Resources.OfType<ConnectionStringResource>())
        {
            await notifications.PublishUpdateAsync(connection, s => s with { State = KnownResourceStates.Running, Ready = Task.CompletedTask });
        }

        foreach (var instance in _instances)
        {
            instance.Start();
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken) => await (_stopped ??= StopCoreAsync());

    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None);

    public async Task ExecuteAsync(string resourceId, string commandName, CancellationToken cancellationToken)
    {
        var instance = _instances.FirstOrDefault(instance => instance.Id == resourceId)
            ?? throw new DistributedApplicationException($"Resource '{resourceId}' has no commands.");
        if (commandName == KnownResourceCommands.StopCommand || commandName == KnownResourceCommands.RestartCommand)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(CommandPatience);
            await instance.StopAsync(patience.Token);
        }

        if (commandName == KnownResourceCommands.StartCommand || commandName == KnownResourceCommands.RestartCommand)
        {
            instance.Start();
        }
        else if (commandName != KnownResourceCommands.StopCommand)
        {
            throw new DistributedApplicationException($"Command '{commandName}' is not available for resource '{resourceId}'.");
        }
    }

    private List<IResource> Children(IResource parent) => [.. model.Resources.OfType<IResourceWithParent>().Where(child => child.Parent == parent)];

    private async Task StopCoreAsync()
    {
        var begin = time.GetTimestamp();
        using var servicePatience = new CancellationTokenSource(ServicePatience, time);
        using var storePatience = new CancellationTokenSource(StorePatience, time);
        var dependents = WaitGraph.Dependents(model.Resources);
        var stopping = new Dictionary<IResource, Task>();
        await Task.WhenAll(model.Resources.Select(StopOnce).ToList());
        if (_instances.Count > 0)
        {
            HostLog.AllStopped(_console, time.GetElapsedTime(begin).TotalSeconds);
        }

        Task StopOnce(IResource resource) => stopping.TryGetValue(resource, out var task) ? task : stopping[resource] = StopAsync(resource);

        async Task StopAsync(IResource resource)
        {
            await Task.WhenAll(dependents[resource].Select(StopOnce).ToList());
            var patience = resource is ContainerResource ? storePatience.Token : servicePatience.Token;
            await Task.WhenAll(_instances.Where(instance => instance.Resource == resource).Select(instance => instance.StopAsync(patience)));
        }
    }
}
