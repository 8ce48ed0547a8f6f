using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>The environment a project is run with, name for name what Aspire gives.</summary>
internal static class ProjectEnvironment
{
    private const string ExportDelayMilliseconds = "1000";

    public static Dictionary<string, string> Defaults(ProjectResource project, int replica, string instanceId, LaunchProfile profile, DashboardEndpoints? dashboard)
    {
        var environment = new Dictionary<string, string>(profile.Environment);
        if (profile.Name is not null)
        {
            environment["DOTNET_LAUNCH_PROFILE"] = profile.Name;
        }

        var urls = project.GetEndpoints().Where(endpoint => endpoint.Scheme is "http" or "https").Select(endpoint => endpoint.UrlOf(replica)).ToList();
        if (urls.Count > 0)
        {
            environment["ASPNETCORE_URLS"] = string.Join(';', urls);
        }

        environment["OTEL_SERVICE_NAME"] = project.Name;
        environment["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={instanceId[(project.Name.Length + 1)..]}";
        if (dashboard is not null)
        {
            environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = dashboard.OtlpGrpcEndpoint;
            environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc";
            environment["OTEL_EXPORTER_OTLP_HEADERS"] = $"x-otlp-api-key={dashboard.OtlpApiKey}";
            // A developer wants to see at once what happened.
            environment["OTEL_BLRP_SCHEDULE_DELAY"] = ExportDelayMilliseconds;
            environment["OTEL_BSP_SCHEDULE_DELAY"] = ExportDelayMilliseconds;
            environment["OTEL_METRIC_EXPORT_INTERVAL"] = ExportDelayMilliseconds;
            environment["OTEL_TRACES_SAMPLER"] = "always_on";
            environment["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based";
        }

        return environment;
    }

    /// <summary>What AppHost.cs says comes last and wins.</summary>
    public static async Task ApplyCallbacksAsync(IResource resource, Dictionary<string, string> environment, CancellationToken cancellationToken)
    {
        var context = new EnvironmentCallbackContext(new DistributedApplicationExecutionContext(DistributedApplicationOperation.Run), resource);
        foreach (var (name, value) in environment)
        {
            context.EnvironmentVariables[name] = value;
        }

        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>())
        {
            await annotation.Callback(context);
        }

        environment.Clear();
        foreach (var (name, value) in context.EnvironmentVariables)
        {
            environment[name] = value is IValueProvider provider ? await provider.GetValueAsync(cancellationToken) ?? "" : $"{value}";
        }
    }
}
