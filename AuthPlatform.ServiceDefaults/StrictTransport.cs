using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace AuthPlatform.ServiceDefaults;

/// <summary>
/// <c>Strict-Transport-Security</c> (RFC 6797) for a year with every answer by https. This machine's own names are left out, which browsers use for other programs too.
/// </summary>
public static class StrictTransport
{
    private static readonly string[] OwnNames = ["localhost", "127.0.0.1", "[::1]"];

    /// <summary>Sets it with every answer, at the last moment: one that takes the place of another clears what was set for that.</summary>
    public static void UseStrictTransport(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (IsWanted(context.Request))
        {
            context.Response.OnStarting(
                static response =>
                {
                    SetOn((HttpResponse)response);
                    return Task.CompletedTask;
                },
                context.Response);
        }

        return next(context);
    });

    /// <summary>Sets it with an answer that has not begun, if it is one by https and not under a name of this machine.</summary>
    public static void SetOn(HttpResponse response)
    {
        if (IsWanted(response.HttpContext.Request))
        {
            response.Headers.StrictTransportSecurity = "max-age=31536000";
        }
    }

    private static bool IsWanted(HttpRequest request) => request.IsHttps && !OwnNames.Contains(request.Host.Host, StringComparer.OrdinalIgnoreCase);
}
