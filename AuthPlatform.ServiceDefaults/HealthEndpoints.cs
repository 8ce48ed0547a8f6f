using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AuthPlatform.ServiceDefaults;

/// <summary>
/// <c>/health</c> and <c>/health/live</c> say that the process answers; <c>/health/ready</c> runs every registered check and says whether it can work.
/// </summary>
internal static class HealthEndpoints
{
    public const string Root = "/health";

    /// <summary>For everybody, also where a service lets nobody in by default. Not among the requests that are measured: probes come all the time, and an outage is no error of theirs.</summary>
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks(Root, Options(_ => false)).AllowAnonymous().DisableHttpMetrics();
        routes.MapHealthChecks($"{Root}/live", Options(_ => false)).AllowAnonymous().DisableHttpMetrics();
        routes.MapHealthChecks($"{Root}/ready", Options(_ => true)).AllowAnonymous().DisableHttpMetrics();
    }

    private static HealthCheckOptions Options(Func<HealthCheckRegistration, bool> predicate) => new()
    {
        Predicate = predicate,
        ResponseWriter = WriteAsync,
    };

    /// <summary>Names the checks that fail, never why: reasons may hold addresses and belong into the log.</summary>
    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.RequestServices.GetRequiredService<HealthMetrics>().Checked(report);
        context.Response.ContentType = "application/json";
        if (report.Status == HealthStatus.Healthy)
        {
            return context.Response.WriteAsync("""{"status":"ok"}""");
        }

        var failing = string.Join(',', report.Entries.Where(e => e.Value.Status != HealthStatus.Healthy).Select(e => $"\"{e.Key}\""));
        return context.Response.WriteAsync($$"""{"status":"unavailable","failing":[{{failing}}]}""");
    }
}
