using Microsoft.Extensions.Diagnostics.HealthChecks;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace AuthPlatform.Gateway;

/// <summary>
/// Believes each answer of a replica about itself, and says once, in a line, that one is not ready and why: the proxy itself logs a stack trace at every look. A gateway that has
/// never had an answer from any replica, good or bad, reaches none: it takes no requests from those that do.
/// </summary>
internal sealed partial class ReadyPolicy(IDestinationHealthUpdater health, ILogger<ReadyPolicy> logger) : IActiveHealthCheckPolicy, IHealthCheck
{
    private volatile bool _isAnswered;

    public string Name => "Ready";

    public void ProbingCompleted(ClusterState cluster, IReadOnlyList<DestinationProbingResult> probingResults)
    {
        foreach (var result in probingResults)
        {
            Tell(cluster.ClusterId, result);
            _isAnswered |= result.Response is not null;
        }

        health.SetActive(cluster, [.. probingResults.Select(result => new NewActiveDestinationHealth(result.Destination, HealthOf(result)))]);
    }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_isAnswered ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("No replica behind it has answered yet"));

    private static DestinationHealth HealthOf(DestinationProbingResult result) =>
        result.Response is { IsSuccessStatusCode: true } ? DestinationHealth.Healthy : DestinationHealth.Unhealthy;

    private void Tell(string service, DestinationProbingResult result)
    {
        var (before, address) = (result.Destination.Health.Active, result.Destination.Model.Config.Address);
        switch (HealthOf(result))
        {
            case DestinationHealth.Unhealthy when before != DestinationHealth.Unhealthy:
                Log.IsNotReady(logger, service, address, Reason(result));
                break;
            case DestinationHealth.Healthy when before == DestinationHealth.Unhealthy:
                Log.IsReady(logger, service, address);
                break;
        }
    }

    private static string Reason(DestinationProbingResult result) => result switch
    {
        { Response: { } response } => $"it answers {(int)response.StatusCode}",
        { Exception: OperationCanceledException } => "it does not answer in time",
        _ => result.Exception?.Message ?? "it does not answer",
    };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Service} at {Address} is not ready: {Reason}")]
        public static partial void IsNotReady(ILogger logger, string service, string address, string reason);

        [LoggerMessage(2, LogLevel.Information, "{Service} at {Address} is ready")]
        public static partial void IsReady(ILogger logger, string service, string address);
    }
}
