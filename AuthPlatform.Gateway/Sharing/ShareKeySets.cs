using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace AuthPlatform.Gateway.Sharing;

/// <summary>
/// Verifiers whose copies of a key set are out of date at the same time share what the Key Manager answers. It is not kept: a key that is revoked is out of the next answer.
/// What is asked for all of them has nothing of the one who happens to ask, who may be a stranger: neither a body that never comes nor a header that is refused.
/// </summary>
internal static class ShareKeySets
{
    /// <summary>The route of the key sets in the gateway's settings.</summary>
    private const string Route = "jwks";

    /// <summary>Passes on nothing that two who share an answer could differ in.</summary>
    public static void Configure(TransformBuilderContext context)
    {
        if (context.Route.RouteId == Route)
        {
            context.AddRequestHeadersAllowed(HeaderNames.IfNoneMatch);
        }
    }

    public static void UseSharedKeySets(this IReverseProxyApplicationBuilder proxy)
    {
        var reads = new SharedReads<(string Target, string Known), RecordedAnswer>(proxy.ApplicationServices.GetRequiredService<TimeProvider>());
        proxy.Use((context, next) => InvokeAsync(context, next, reads));
    }

    private static async Task InvokeAsync(HttpContext context, RequestDelegate next, SharedReads<(string Target, string Known), RecordedAnswer> reads)
    {
        var request = context.Request;
        var hasBody = context.Features.GetRequiredFeature<IHttpRequestBodyDetectionFeature>().CanHaveBody;
        if (context.GetReverseProxyFeature().Route.Config.RouteId != Route || !HttpMethods.IsGet(request.Method) || hasBody)
        {
            await next(context);
            return;
        }

        // What is passed on, see ForwardedRequest: two spellings of a path that decode to the same are two questions.
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var answer = await reads.ReadAsync((target, request.Headers.IfNoneMatch.ToString()), () => RecordAsync(context, next), context.RequestAborted);
        await answer.GiveAsync(context);
    }

    /// <summary>Others may wait for the answer, so the request goes on when its client has gone.</summary>
    private static async Task<RecordedAnswer> RecordAsync(HttpContext context, RequestDelegate next)
    {
        var aborted = context.RequestAborted;
        context.RequestAborted = CancellationToken.None;
        try
        {
            return await RecordedAnswer.OfAsync(context, next);
        }
        finally
        {
            context.RequestAborted = aborted;
        }
    }
}
