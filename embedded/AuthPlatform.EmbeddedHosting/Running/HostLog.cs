using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Running;

/// <summary>What the host says on its console about the resources.</summary>
internal static partial class HostLog
{
    [LoggerMessage(1, LogLevel.Information, "Starting {Resource} ({Description}) …")]
    public static partial void Starting(ILogger logger, string resource, string? description);

    [LoggerMessage(2, LogLevel.Information, "{Resource} is ready after {Seconds:0.0} s")]
    public static partial void Ready(ILogger logger, string resource, double seconds);

    [LoggerMessage(3, LogLevel.Warning, "{Resource} is not healthy: {Complaint}")]
    public static partial void Unhealthy(ILogger logger, string resource, string complaint);

    [LoggerMessage(4, LogLevel.Information, "{Resource} is healthy again")]
    public static partial void HealthyAgain(ILogger logger, string resource);

    [LoggerMessage(5, LogLevel.Information, "{Resource} finished after {Seconds:0.0} s")]
    public static partial void Finished(ILogger logger, string resource, double seconds);

    [LoggerMessage(6, LogLevel.Information, "{Resource} stopped")]
    public static partial void Stopped(ILogger logger, string resource);

    [LoggerMessage(7, LogLevel.Error, "{Resource} ended after {Seconds:0.0} s with exit code {ExitCode}")]
    public static partial void Crashed(ILogger logger, string resource, double seconds, int exitCode);

    [LoggerMessage(8, LogLevel.Information, "Everything stopped in {Seconds:0.0} s")]
    public static partial void AllStopped(ILogger logger, double seconds);

    [LoggerMessage(9, LogLevel.Information, "{Resource} {What}")]
    public static partial void Waits(ILogger logger, string resource, string what);
}
