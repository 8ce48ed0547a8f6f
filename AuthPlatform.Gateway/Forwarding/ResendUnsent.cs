using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace AuthPlatform.Gateway.Forwarding;

/// <summary>
/// Sends a request to another replica when the first one did not get it: it could not be reached, or was gone before all was sent, so nothing can be carried out twice.
/// Whatever arrived as a whole is never repeated here; whether that is safe, only the client knows.
/// </summary>
internal static class ResendUnsent
{
    public static void UseResendUnsent(this IReverseProxyApplicationBuilder proxy) => proxy.Use(InvokeAsync);

    private static Task InvokeAsync(HttpContext context, RequestDelegate next) =>
        KeptBody.CanBeOf(context.Request) ? KeptBody.UseAsync(context, () => SendAsync(context, next)) : SendAsync(context, next);

    private static async Task SendAsync(HttpContext context, RequestDelegate next)
    {
        var feature = context.GetReverseProxyFeature();
        // Those that are thought to be unhealthy come last, but they do come: one that is back may not have been noticed yet.
        var (likely, unlikely) = (feature.AvailableDestinations, feature.AllDestinations.Except(feature.AvailableDestinations));
        var mayTryAgain = true;
        await next(context);
        while (WasNotSent(context) && !context.Response.HasStarted)
        {
            var failed = feature.ProxiedDestination;
            likely = [.. likely.Where(destination => destination != failed)];
            unlikely = [.. unlikely.Where(destination => destination != failed)];
            var left = likely.Count > 0 ? likely : [.. unlikely];
            if (left.Count == 0)
            {
                // A connection may end because it was idle for long: the only replica gets a second one.
                if (failed is null || !mayTryAgain || !HasConnectionEnded(context))
                {
                    return;
                }

                (left, mayTryAgain) = ([failed], false);
            }

            context.RequestServices.GetRequiredService<GatewayMetrics>().Resent();
            context.Features.Set<IForwarderErrorFeature>(null);
            context.Response.Clear();
            feature.AvailableDestinations = left;
            await next(context);
        }
    }

    /// <summary>Whether there was no connection on which anything could have been sent.</summary>
    internal static bool IsOfNoConnection(Exception? failure) =>
        failure is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError }
            // Only of a connection that was not made in time is a timeout the reason; a request that takes too long is cancelled without one.
            or OperationCanceledException { InnerException: TimeoutException };

    private static bool WasNotSent(HttpContext context) =>
        IsOfNoConnection(context.GetForwarderErrorFeature()?.Exception)
        // Of a body that is not kept, a part has been read.
        || (HasConnectionEnded(context) && (KeptBody.Of(context) is not null || !context.Features.GetRequiredFeature<IHttpRequestBodyDetectionFeature>().CanHaveBody));

    private static bool HasConnectionEnded(HttpContext context) => context.GetForwarderErrorFeature()?.Exception is HttpRequestException { InnerException: NotSentException };
}
