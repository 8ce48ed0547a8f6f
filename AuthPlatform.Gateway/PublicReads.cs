namespace AuthPlatform.Gateway;

/// <summary>
/// What anybody may read, whoever they say to be: the key sets and the metadata of issuers. Of all else that is read there, the feed of revocations is for those who sign.
/// </summary>
internal static class PublicReads
{
    public static bool IsOne(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        && (request.Path.StartsWithSegments("/.well-known") || (request.Path.StartsWithSegments("/auth") && !IsFeed(request)));

    public static bool IsFeed(HttpRequest request) => request.Path.Value.AsSpan().TrimEnd('/').EndsWith("/revocations", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Scripts of any site may read them, and what is answered in their place: a refusal that a browser keeps from a script looks to that like a network that failed. It is said at the
    /// last moment, since an answer that takes the place of another clears what was set for that.
    /// </summary>
    public static void UsePublicReads(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (IsOne(context.Request))
        {
            context.Response.OnStarting(
                static response =>
                {
                    ((HttpResponse)response).Headers.AccessControlAllowOrigin = "*";
                    return Task.CompletedTask;
                },
                context.Response);
        }

        return next(context);
    });
}
