using Yarp.ReverseProxy.Forwarder;

namespace AuthPlatform.Gateway;

/// <summary>
/// Sends a request to another replica when the first one could not be reached: nothing of it has left, so it cannot be carried out twice. Whatever got as far as
/// a connection is never repeated here; whether that is safe, only the client knows.
/// </summary>
internal static class ResendUnsent
{
    public static void UseResendUnsent(this IReverseProxyApplicationBuilder proxy) => proxy.Use(InvokeAsync);

    private static async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var feature = context.GetReverseProxyFeature();
        // Those that are thought to be unhealthy come last, but they do come: one that is back may not have been noticed yet.
        var (likely, unlikely) = (feature.AvailableDestinations, feature.AllDestinations.Except(feature.AvailableDestinations));
        await next(context);
        while (WasNotSent(context) && !context.Response.HasStarted)
        {
            likely = [.. likely.Where(destination => destination != feature.ProxiedDestination)];
            unlikely = [.. unlikely.Where(destination => destination != feature.ProxiedDestination)];
            var left = likely.Count > 0 ? likely : [.. unlikely];
            if (left.Count == 0)
            {
                return;
            }

            context.RequestServices.GetRequiredService<GatewayMetrics>().Resent();
            context.Features.Set<IForwarderErrorFeature>(null);
            context.Response.Clear();
            feature.AvailableDestinations = left;
            await next(context);
        }
    }

    private static bool WasNotSent(HttpContext context) =>
        context.GetForwarderErrorFeature()?.Exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError };
}
