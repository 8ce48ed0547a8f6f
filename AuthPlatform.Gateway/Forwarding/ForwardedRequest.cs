using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace AuthPlatform.Gateway.Forwarding;

/// <summary>How a request is passed on: byte for byte where it is signed, and with addresses that only this gateway has written.</summary>
internal static class ForwardedRequest
{
    /// <summary>Headers by which callers could claim another address; X-Forwarded-* are replaced by the proxy itself.</summary>
    private static readonly string[] Claims = ["Forwarded", "X-Real-IP", "X-Original-For"];

    public static void Configure(TransformBuilderContext context)
    {
        foreach (var header in Claims)
        {
            context.AddRequestHeaderRemove(header);
        }

        context.AddXForwarded(ForwardedTransformActions.Set);
        context.AddRequestTransform(KeepTarget);
        context.AddRequestTransform(SendKeptBody);
        var lifetime = context.Services.GetRequiredService<IHostApplicationLifetime>();
        context.AddResponseTransform(response => EndStreamWithGateway(response, lifetime));
    }

    /// <summary>A stream of events never ends by itself; without this, stopping would wait for it in vain. Its reader goes on elsewhere.</summary>
    private static ValueTask EndStreamWithGateway(ResponseTransformContext context, IHostApplicationLifetime lifetime)
    {
        if (context.ProxyResponse?.Content.Headers.ContentType?.MediaType == "text/event-stream")
        {
            context.HttpContext.Response.RegisterForDispose(lifetime.ApplicationStopping.Register(context.HttpContext.Abort));
        }

        return ValueTask.CompletedTask;
    }

    private static ValueTask SendKeptBody(RequestTransformContext context)
    {
        KeptBody.Of(context.HttpContext)?.AttachTo(context.ProxyRequest);
        return ValueTask.CompletedTask;
    }

    /// <summary>The path and query are part of the signature: what the client sent goes on as it is, neither decoded nor normalised.</summary>
    private static ValueTask KeepTarget(RequestTransformContext context)
    {
        var target = context.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (target.StartsWith('/'))
        {
            context.ProxyRequest.RequestUri = new Uri(
                context.DestinationPrefix.TrimEnd('/') + target,
                new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        }
        else
        {
            // A whole URL (RFC 9112 §3.2.2): its path, which has the public prefix for the service behind too.
            context.Path = context.HttpContext.Request.PathBase + context.Path;
        }

        return ValueTask.CompletedTask;
    }
}
