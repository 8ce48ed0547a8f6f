using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AuthPlatform.ServiceDefaults;

/// <summary>
/// <c>/health</c> and <c>/health/live</c> say that the process answers; <c>/health/ready</c> runs every registered check and says whether it can work. <c>/health/serving</c>
/// says whether it takes requests, which it does until it is told to stop (<see cref="HealthTags.Serving"/>): for whoever distributes them among replicas that all need the same, and would be out together.
/// </summary>
internal static class HealthEndpoints
{
    public const string Root = "/health";

    /// <summary>For everybody, also where a service lets nobody in by default. Not among the requests that are measured: probes come all the time, and an outage is no error of theirs.</summary>
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        Map(routes, Root, _ => false, WriteAsync);
        Map(routes, $"{Root}/live", _ => false, WriteAsync);
        Map(routes, $"{Root}/serving", IsAboutServing, WriteAsync);
        Map(routes, $"{Root}/ready", IsAboutServing, WriteReadyAsync);
    }

    public static bool IsAboutServing(HealthCheckRegistration check) => check.Tags.Contains(HealthTags.Serving);

    /// <summary>By itself a health check is answered whatever the method is.</summary>
    private static void Map(IEndpointRouteBuilder routes, string path, Func<HealthCheckRegistration, bool> predicate, Func<HttpContext, HealthReport, Task> write)
    {
        routes.MapHealthChecks(path, new HealthCheckOptions { Predicate = predicate, ResponseWriter = AnswerAsync })
            .WithMetadata(new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head])).AllowAnonymous().DisableHttpMetrics();

        Task AnswerAsync(HttpContext context, HealthReport report)
        {
            context.RequestServices.GetRequiredService<HealthMetrics>().Checked(report);
            return write(context, report);
        }
    }

    /// <summary>Whether it takes requests is asked each time; all else is shared, and counted by whoever looks.</summary>
    private static async Task WriteReadyAsync(HttpContext context, HealthReport serving)
    {
        var shared = await context.RequestServices.GetRequiredService<HealthLook>().TakeAsync().WaitAsync(context.RequestAborted);
        var all = new HealthReport(new Dictionary<string, HealthReportEntry>(shared.Entries.Concat(serving.Entries)), shared.TotalDuration);
        if (all.Status == HealthStatus.Unhealthy)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }

        await WriteAsync(context, all);
    }

    /// <summary>Names the checks that fail, never why: reasons may hold addresses and belong into the log.</summary>
    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "application/json";
        if (report.Status == HealthStatus.Healthy)
        {
            return context.Response.WriteAsync("""{"status":"ok"}""");
        }

        var failing = string.Join(',', report.Entries.Where(e => e.Value.Status != HealthStatus.Healthy).Select(e => $"\"{e.Key}\""));
        return context.Response.WriteAsync($$"""{"status":"unavailable","failing":[{{failing}}]}""");
    }
}
