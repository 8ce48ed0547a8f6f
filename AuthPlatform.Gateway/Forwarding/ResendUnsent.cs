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

    private static bool WasNotSent(HttpContext context) => context.GetForwarderErrorFeature()?.Exception switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError } => true,
        // Of a body that is not kept, a part has been read.
        HttpRequestException { InnerException: NotSentException } => KeptBody.Of(context) is not null || !context.Features.GetRequiredFeature<IHttpRequestBodyDetectionFeature>().CanHaveBody,
        _ => false,
    };
}
