using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Running;

/// <summary>Asks a running instance again and again how it is, often until it is healthy and then now and then.</summary>
internal sealed class HealthMonitor(ResourceNotificationService notifications, ResourceLoggerService logs, ILogger console, IServiceProvider services, TimeProvider time)
{
    private static readonly TimeSpan Starting = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Healthy = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Unhealthy = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan UsualStart = TimeSpan.FromSeconds(10);

    public static ImmutableArray<HealthReportSnapshot> NotYetChecked(IResource resource) =>
        [.. resource.Annotations.OfType<HealthProbeAnnotation>().Select(probe => new HealthReportSnapshot(probe.Key, Status: null, Description: null, ExceptionText: null))];

    /// <summary>Runs until cancelled, which is no error.</summary>
    public async Task RunAsync(IResource resource, int replica, string id, string displayName, long begin, CancellationToken cancellationToken)
    {
        var probes = resource.Annotations.OfType<HealthProbeAnnotation>().ToList();
        var wasHealthy = false;
        var told = false;
        try
        {
            while (true)
            {
                var results = await Task.WhenAll(probes.Select(probe => ProbeAsync(probe, replica, cancellationToken)));
                var reports = results.Select(result => result.Report).ToList();
                var hopeless = results.Any(result => result.Hopeless);
                var complaint = reports.FirstOrDefault(report => report.Status != HealthStatus.Healthy)?.Description;
                Publish(resource, id, [.. reports]);
                switch (complaint)
                {
                    case null when !wasHealthy:
                        _ = PublishReadyAsync(resource, id, cancellationToken);
                        if (probes.Count > 0)
                        {
                            HostLog.Ready(console, displayName, time.GetElapsedTime(begin).TotalSeconds);
                        }

                        break;
                    case null when told:
                        HostLog.HealthyAgain(console, displayName);
                        break;
                    // Nobody wants to read that a service which is just starting does not answer yet.
                    case not null when !told && (wasHealthy || hopeless || time.GetElapsedTime(begin) > UsualStart):
                        HostLog.Unhealthy(console, displayName, complaint);
                        told = true;
                        break;
                }

                if (probes.Count == 0)
                {
                    return;
                }

                wasHealthy |= complaint is null;
                told &= complaint is not null;
                await Task.Delay(complaint is null ? Healthy : wasHealthy || hopeless ? Unhealthy : Starting, time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    private static async Task<(HealthReportSnapshot Report, bool Hopeless)> ProbeAsync(HealthProbeAnnotation probe, int replica, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(ProbeTimeout);
        string? complaint, details = null;
        var hopeless = false;
        try
        {
            complaint = await probe.Probe(replica, timeout.Token);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever a probe stumbles over is the answer to its question.
            (complaint, details) = (exception is OperationCanceledException ? $"No answer within {ProbeTimeout.TotalSeconds} s." : exception.Message, exception.ToString());
            hopeless = exception is DistributedApplicationException;
        }

        var status = complaint is null ? HealthStatus.Healthy : HealthStatus.Unhealthy;
        return (new HealthReportSnapshot(probe.Key, status, complaint, details), hopeless);
    }

    /// <summary>Publishes changes only, so that watchers are not woken every few seconds for nothing.</summary>
    private void Publish(IResource resource, string id, ImmutableArray<HealthReportSnapshot> reports)
    {
        if (notifications.TryGetCurrentState(id, out var current)
            && !current.Snapshot.HealthReports.Select(r => (r.Status, r.Description)).SequenceEqual(reports.Select(r => (r.Status, r.Description))))
        {
            notifications.Publish(resource, id, s => s with { HealthReports = reports });
        }
    }

    private async Task PublishReadyAsync(IResource resource, string id, CancellationToken cancellationToken)
    {
        var ready = CallAsync();
        notifications.Publish(resource, id, s => s with { Ready = ready });
        try
        {
            await ready;
        }
        catch (Exception exception)
        {
            // Dependents see the same exception and do not start.
            if (!cancellationToken.IsCancellationRequested)
            {
                logs.Write(id, exception.ToString(), isError: true);
            }
        }

        async Task CallAsync()
        {
            foreach (var annotation in resource.Annotations.OfType<ReadyCallbackAnnotation>())
            {
                await annotation.Callback(services, cancellationToken);
            }
        }
    }
}
