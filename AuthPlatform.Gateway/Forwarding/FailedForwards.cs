using Yarp.ReverseProxy.Forwarder;

namespace AuthPlatform.Gateway.Forwarding;

/// <summary>
/// Tells the operator which replica failed requests, and how: each way once a minute, in one line. The proxy would write a stack trace for every request, and for those that
/// their clients break off or spoil too, so that anybody could fill the log.
/// </summary>
internal sealed partial class FailedForwards(TimeProvider time, ILogger<FailedForwards> logger)
{
    private readonly OncePerMinute<(string? Replica, ForwarderError Error)> _told = new(time);

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        await next(context);
        if (context.GetForwarderErrorFeature() is { } failure && !IsOfTheClient(failure.Error, context.Response.HasStarted))
        {
            var feature = context.GetReverseProxyFeature();
            var replica = feature.ProxiedDestination?.Model.Config.Address;
            if (_told.IsNew((replica, failure.Error)))
            {
                Log.Failed(logger, feature.Cluster.Config.ClusterId, replica ?? "no replica", failure.Error, failure.Exception?.GetBaseException().Message);
            }
        }
    }

    /// <summary>A body that was still under way when its answer came is one that the service has refused.</summary>
    private static bool IsOfTheClient(ForwarderError error, bool isAnswered) => (error is ForwarderError.RequestBodyDestination && isAnswered) || error is ForwarderError.RequestCanceled
        or ForwarderError.RequestBodyCanceled or ForwarderError.RequestBodyClient
        or ForwarderError.ResponseBodyCanceled or ForwarderError.ResponseBodyClient
        or ForwarderError.UpgradeRequestCanceled or ForwarderError.UpgradeRequestClient
        or ForwarderError.UpgradeResponseCanceled or ForwarderError.UpgradeResponseClient;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Service} at {Replica} failed a request ({Error}): {Reason}. Told once a minute")]
        public static partial void Failed(ILogger logger, string service, string replica, ForwarderError error, string? reason);
    }
}
