using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Running;

/// <summary>What every instance needs of the application around it.</summary>
internal sealed record InstanceServices(
    ResourceNotificationService Notifications, ResourceLoggerService Logs, ResourceLaunchers Launchers, HealthMonitor Health, ILogger Console, TimeProvider Time);

/// <summary>One process of a resource, from waiting for what it needs to its end; may be started again after that.</summary>
/// <param name="resource">The resource.</param>
/// <param name="replica">Counts its processes from 0.</param>
/// <param name="id">Names this process.</param>
/// <param name="children">Resources that live inside the process, such as databases: its states are theirs, their health is their own.</param>
/// <param name="services">The application around it.</param>
internal sealed class ResourceInstance(IResource resource, int replica, string id, IReadOnlyList<IResource> children, InstanceServices services)
{
    private readonly Lock _lock = new();
    private Run? _run;

    public IResource Resource => resource;

    public int Replica => replica;

    public string Id => id;

    private string DisplayName => resource.GetReplicaCount() == 1 ? resource.Name : $"{resource.Name}-{replica}";

    /// <summary>Returns at once; snapshots tell how it goes on.</summary>
    public void Start()
    {
        lock (_lock)
        {
            if (_run is { Completion.IsCompleted: false })
            {
                throw new DistributedApplicationException($"'{DisplayName}' is not stopped.");
            }

            PublishState(s => s with { State = KnownResourceStates.Starting, ExitCode = null, StartTimeStamp = null, StopTimeStamp = null, HealthReports = [], Ready = null });
            var run = new Run();
            _run = run;
            run.Completion = Task.Run(() => RunAsync(run));
        }
    }

    /// <summary>Ends the process, or the waiting for its turn; kills it when <paramref name="patience"/> is over.</summary>
    public async Task StopAsync(CancellationToken patience)
    {
        Run? run;
        lock (_lock)
        {
            run = _run;
        }

        if (run is not null)
        {
            run.Patience = patience;
            await run.Stop.CancelAsync();
            await run.Completion;
        }
    }

    /// <summary>Adds a fact to what the dashboard shows.</summary>
    public void Describe(string property, object? value) => services.Notifications.Publish(resource, id, s => s with
    {
        Properties = [.. s.Properties.Where(p => p.Name != property), new ResourcePropertySnapshot(property, value)],
    });

    public void Log(string line, bool isError = false) => services.Logs.Write(id, line, isError);

    private async Task RunAsync(Run run)
    {
        try
        {
            await Dependencies.WaitAsync(
                resource,
                services.Notifications,
                () => PublishState(s => s with { State = KnownResourceStates.Waiting }),
                what => HostLog.Waits(services.Console, DisplayName, what),
                services.Time,
                run.Stop.Token);
            PublishState(s => s with { State = KnownResourceStates.Starting });
            var spec = await services.Launchers.For(resource).PrepareAsync(this, run.Stop.Token);
            HostLog.Starting(services.Console, DisplayName, spec.Description);
            await SuperviseAsync(await ChildProcess.StartAsync(spec, (line, isError) => Log(line, isError)), spec, run);
        }
        catch (OperationCanceledException) when (run.Stop.IsCancellationRequested)
        {
            PublishState(s => s with { State = EndState, StopTimeStamp = Now });
        }
        catch (Exception exception)
        {
            // The sentences of our own exceptions are meant to be read; anything else is a defect, and its stack trace is wanted.
            Log($"{DisplayName} did not start: {(exception is DistributedApplicationException ? exception.Message : exception)}", isError: true);
            PublishState(s => s with { State = new ResourceStateSnapshot(KnownResourceStates.FailedToStart, KnownResourceStateStyles.Error), StopTimeStamp = Now });
        }
    }

    private async Task SuperviseAsync(ChildProcess process, ProcessSpec spec, Run run)
    {
        var begin = services.Time.GetTimestamp();
        PublishState(s => s with
        {
            State = KnownResourceStates.Running,
            StartTimeStamp = Now,
            HealthReports = HealthMonitor.NotYetChecked(resource),
            EnvironmentVariables = [.. spec.Environment.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => new EnvironmentVariableSnapshot(e.Key, e.Value, IsFromSpec: true))],
            Urls = Urls(inactive: false),
        });
        DescribeProcess(process, spec);
        using var healthStop = new CancellationTokenSource();
        var health = Task.WhenAll(
        [
            services.Health.RunAsync(resource, replica, id, DisplayName, begin, healthStop.Token),
            .. children.Select(child => WatchChildAsync(child, begin, healthStop.Token)),
        ]);
        try
        {
            await process.Exited.WaitAsync(run.Stop.Token);
        }
        catch (OperationCanceledException)
        {
            PublishState(s => s with { State = KnownResourceStates.Stopping });
        }

        await healthStop.CancelAsync();
        await health;
        await process.StopAsync(run.Patience);
        ReportEnd(await process.Exited, asked: run.Stop.IsCancellationRequested, begin);
    }

    /// <summary>A child is there only once its parent is ready: asking before would fill the log with complaints.</summary>
    private async Task WatchChildAsync(IResource child, long begin, CancellationToken cancellationToken)
    {
        try
        {
            var parent = await services.Notifications.WaitForResourceAsync(resource.Name, e => e.ResourceId == id && e.Snapshot.Ready is not null, cancellationToken);
            await parent.Snapshot.Ready!.WaitAsync(cancellationToken);
        }
        catch (Exception)
        {
            return; // cancelled, or the parent has told what is wrong
        }

        await services.Health.RunAsync(child, 0, child.Name, child.Name, begin, cancellationToken);
    }

    private void ReportEnd(int exitCode, bool asked, long begin)
    {
        var crashed = exitCode != 0 && !asked;
        PublishState(s => s with
        {
            State = crashed ? new ResourceStateSnapshot(EndState, KnownResourceStateStyles.Error) : EndState,
            ExitCode = exitCode,
            StopTimeStamp = Now,
            Urls = Urls(inactive: true),
            Ready = null,
        });
        var seconds = services.Time.GetElapsedTime(begin).TotalSeconds;
        if (crashed)
        {
            HostLog.Crashed(services.Console, DisplayName, seconds, exitCode);
        }
        else if (asked)
        {
            HostLog.Stopped(services.Console, DisplayName);
        }
        else
        {
            HostLog.Finished(services.Console, DisplayName, seconds);
        }
    }

    private void DescribeProcess(ChildProcess process, ProcessSpec spec)
    {
        Describe("executable.path", spec.FileName);
        Describe("executable.workDir", spec.WorkingDirectory);
        Describe("executable.args", spec.Arguments.ToImmutableArray());
        Describe("executable.pid", process.Id);
        if (resource.Annotations.OfType<IProjectMetadata>().LastOrDefault() is { } project)
        {
            Describe("project.path", project.ProjectPath);
        }
    }

    private ImmutableArray<UrlSnapshot> Urls(bool inactive) => resource is IResourceWithEndpoints owner
        ? [.. owner.GetEndpoints().Select(endpoint => new UrlSnapshot(endpoint.EndpointName, endpoint.UrlOf(replica)) { IsInactive = inactive })]
        : [];

    /// <summary>Aspire's word for the end: containers exit, processes finish.</summary>
    private string EndState => resource is ContainerResource ? KnownResourceStates.Exited : KnownResourceStates.Finished;

    private DateTime Now => services.Time.GetUtcNow().UtcDateTime;

    private void PublishState(Func<CustomResourceSnapshot, CustomResourceSnapshot> change)
    {
        var own = services.Notifications.Publish(resource, id, change);
        foreach (var child in children)
        {
            services.Notifications.Publish(child, child.Name, s => s with
            {
                State = own.State,
                StartTimeStamp = own.StartTimeStamp,
                StopTimeStamp = own.StopTimeStamp,
                HealthReports = HealthMonitor.NotYetChecked(child),
                Ready = null,
            });
        }
    }

    /// <summary>One life of the process.</summary>
    private sealed class Run
    {
        public CancellationTokenSource Stop { get; } = new();

        public CancellationToken Patience { get; set; }

        public Task Completion { get; set; } = Task.CompletedTask;
    }
}
