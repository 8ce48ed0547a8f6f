using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace AuthPlatform.Gateway;

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

        return ValueTask.CompletedTask;
    }
}
