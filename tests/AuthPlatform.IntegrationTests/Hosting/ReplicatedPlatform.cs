using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace AuthPlatform.IntegrationTests.Hosting;

/// <summary>A platform with two replicas of what has any, for tests that stop some of them: others would notice.</summary>
public sealed class ReplicatedPlatform() : AuthPlatformFixture("--KeyManager:Replicas=2", "--AdminWeb:Replicas=2")
{
    private static readonly string[] Services = [ResourceNames.TokenApi, ResourceNames.KeyManager, ResourceNames.AdminWeb];

    /// <summary>Settings of the services beyond those of the AppHost, for processes that start from now on.</summary>
    public ConcurrentDictionary<string, string> ServiceSettings { get; } = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async Task StartAsync(ResourceEvent instance)
    {
        await FirstAsync(instance.Resource.Name, e => e.ResourceId == instance.ResourceId && KnownResourceStates.TerminalStates.Contains(e.Snapshot.State?.Text));
        // The state is told a moment before the command is taken.
        await Eventually.TrueAsync(
            async () => (await App.ResourceCommands.ExecuteCommandAsync(instance.ResourceId, KnownResourceCommands.StartCommand, Cancellation)).Success, Cancellation);
        await FirstAsync(instance.Resource.Name, e => e.ResourceId == instance.ResourceId && e.Snapshot.HealthStatus == HealthStatus.Healthy);
        await App.ResourceNotifications.WaitForResourceHealthyAsync(ResourceNames.Gateway, Cancellation).WaitAsync(Eventually.Patience, TimeProvider.System, Cancellation);
        if (instance.Resource.Name == ResourceNames.Postgres)
        {
            NpgsqlConnection.ClearAllPools();
        }
    }

    /// <summary>Stops it as an orchestrator does, and starts it again.</summary>
    public async Task RestartAsync(ResourceEvent instance)
    {
        Assert.True((await App.ResourceCommands.ExecuteCommandAsync(instance.ResourceId, KnownResourceCommands.StopCommand, Cancellation)).Success);
        await StartAsync(instance);
    }

    /// <summary>Ends its process without a word. Gives what it was, to be started again.</summary>
    public async Task<ResourceEvent> KillAsync(ResourceEvent instance)
    {
        var running = await RunningAsync(instance);
        using var process = Process.GetProcessById(ProcessOf(running));
        process.Kill();
        await process.WaitForExitAsync(Cancellation);
        return running;
    }

    /// <summary>Sends the process of one that runs a signal, STOP say.</summary>
    public static async Task SignalAsync(ResourceEvent running, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", ProcessOf(running).ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(Cancellation);
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>The instance as it is when it runs.</summary>
    public Task<ResourceEvent> RunningAsync(ResourceEvent instance) =>
        FirstAsync(instance.Resource.Name, e => e.ResourceId == instance.ResourceId && e.Snapshot.State?.Text == KnownResourceStates.Running);

    /// <summary>All replicas of a resource, each once.</summary>
    public async Task<IReadOnlyList<ResourceEvent>> InstancesAsync(string resource)
    {
        var seen = new Dictionary<string, ResourceEvent>();
        await FirstAsync(resource, e => seen.TryAdd(e.ResourceId, e) && seen.Count == 2);
        return [.. seen.Values];
    }

    public async Task<ResourceEvent> FirstAsync(string resource, Func<ResourceEvent, bool> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(Eventually.Patience);
        await foreach (var change in App.ResourceNotifications.WatchAsync(patience.Token))
        {
            if (change.Resource.Name == resource && condition(change))
            {
                return change;
            }
        }

        throw new UnreachableException();
    }

    protected override void Configure(IDistributedApplicationTestingBuilder builder)
    {
        MakeNoKeysInAdvance(builder);
        foreach (var service in builder.Resources.OfType<ProjectResource>().Where(resource => Services.Contains(resource.Name)))
        {
            builder.CreateResourceBuilder(service).WithEnvironment(context =>
            {
                foreach (var (name, value) in ServiceSettings)
                {
                    context.EnvironmentVariables[name] = value;
                }
            });
        }

        // Whoever is told to stop goes on until the gateway, which looks more often than usual, has noticed.
        builder.CreateResourceBuilder(Project(ResourceNames.TokenApi)).WithEnvironment("Shutdown__DrainSeconds", "3");
        builder.CreateResourceBuilder(Project(ResourceNames.Gateway)).WithEnvironment($"ReverseProxy__Clusters__{ResourceNames.TokenApi}__HealthCheck__Active__Interval", "00:00:00.2");

        ProjectResource Project(string name) => builder.Resources.OfType<ProjectResource>().Single(resource => resource.Name == name);
    }

    private static int ProcessOf(ResourceEvent running) =>
        Convert.ToInt32(running.Snapshot.Properties.Single(p => p.Name == "executable.pid").Value, CultureInfo.InvariantCulture);

    /// <summary>The classes that share it, one after the other.</summary>
    [CollectionDefinition]
    public sealed class Tests : ICollectionFixture<ReplicatedPlatform>;
}
