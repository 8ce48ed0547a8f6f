namespace AuthPlatform.Gateway.Tls;

/// <summary>
/// <c>Strict-Transport-Security</c> (RFC 6797) for a year with every answer by https. It is set at the last moment: an answer that takes the place of another clears what was
/// set for that. This machine's own names are left out, which browsers use for other programs too.
/// </summary>
internal static class StrictTransport
{
    private static readonly string[] OwnNames = ["localhost", "127.0.0.1", "[::1]"];

    public static void UseStrictTransport(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.Request.IsHttps && !OwnNames.Contains(context.Request.Host.Host, StringComparer.OrdinalIgnoreCase))
        {
            context.Response.OnStarting(
                static response =>
                {
                    ((HttpResponse)response).Headers.StrictTransportSecurity = "max-age=31536000";
                    return Task.CompletedTask;
                },
                context.Response);
        }

        return next(context);
    });
}
