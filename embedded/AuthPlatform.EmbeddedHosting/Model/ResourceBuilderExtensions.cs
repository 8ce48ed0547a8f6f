using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running;

namespace Aspire.Hosting;

public static class ResourceBuilderExtensions
{
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, Func<EnvironmentCallbackContext, Task> callback)
        where T : IResourceWithEnvironment => builder.WithAnnotation(new EnvironmentCallbackAnnotation(callback));

    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, Action<EnvironmentCallbackContext> callback)
        where T : IResourceWithEnvironment => builder.WithEnvironment(context =>
        {
            callback(context);
            return Task.CompletedTask;
        });

    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, string? value)
        where T : IResourceWithEnvironment => builder.WithEnvironment(context => context.EnvironmentVariables[name] = value ?? "");

    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, EndpointReference endpointReference)
        where T : IResourceWithEnvironment => builder.WithEnvironment(context => context.EnvironmentVariables[name] = endpointReference);

    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, IResourceBuilder<ParameterResource> parameter)
        where T : IResourceWithEnvironment => builder
            .WithEnvironment(context => context.EnvironmentVariables[name] = parameter.Resource)
            .WithAnnotation(new ResourceRelationshipAnnotation(parameter.Resource, "Reference"));

    /// <summary>For what the AppHost says on the command line of a resource, after what the host does.</summary>
    public static IResourceBuilder<T> WithArgs<T>(this IResourceBuilder<T> builder, params string[] args)
        where T : IResourceWithArgs => builder.WithAnnotation(new ArgumentsAnnotation(args));

    /// <summary>Gives the connection string as <c>ConnectionStrings__name</c>.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder,
        IResourceBuilder<IResourceWithConnectionString> source,
        string? connectionName = null)
        where TDestination : IResourceWithEnvironment => builder
            .WithEnvironment(context =>
                context.EnvironmentVariables[$"ConnectionStrings__{connectionName ?? source.Resource.Name}"] = new ConnectionStringReference(source.Resource))
            .WithAnnotation(new ResourceRelationshipAnnotation(source.Resource, "Reference"));

    /// <summary>Gives the addresses of all replicas as <c>services__name__scheme__0</c>, <c>…__1</c>, which service discovery reads and balances over.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder,
        IResourceBuilder<IResourceWithServiceDiscovery> source)
        where TDestination : IResourceWithEnvironment => builder
            .WithEnvironment(context =>
            {
                foreach (var endpointsOfScheme in source.Resource.GetEndpoints().GroupBy(endpoint => endpoint.Scheme))
                {
                    IEnumerable<object> urls = context.ExecutionContext.IsPublishMode
                        ? endpointsOfScheme
                        : endpointsOfScheme.SelectMany(endpoint => endpoint.EndpointAnnotation.AllocatedPorts.Select((_, replica) => endpoint.UrlOf(replica)));
                    foreach (var (index, url) in urls.Index())
                    {
                        context.EnvironmentVariables[$"services__{source.Resource.Name}__{endpointsOfScheme.Key}__{index}"] = url;
                    }
                }
            })
            .WithAnnotation(new ResourceRelationshipAnnotation(source.Resource, "Reference"));

    public static IResourceBuilder<T> WaitFor<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency)
        where T : IResourceWithWaitSupport => builder.WithAnnotation(new WaitAnnotation(dependency.Resource, WaitType.WaitUntilHealthy));

    public static IResourceBuilder<T> WaitForCompletion<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency)
        where T : IResourceWithWaitSupport => builder.WithAnnotation(new WaitAnnotation(dependency.Resource, WaitType.WaitForCompletion));

    public static IResourceBuilder<T> WithEndpoint<T>(this IResourceBuilder<T> builder, string endpointName, Action<EndpointAnnotation> callback)
        where T : IResourceWithEndpoints
    {
        callback(builder.GetEndpoint(endpointName).EndpointAnnotation);
        return builder;
    }

    public static EndpointReference GetEndpoint<T>(this IResourceBuilder<T> builder, string name)
        where T : IResourceWithEndpoints => builder.Resource.GetEndpoint(name);

    public static IResourceBuilder<T> WithExternalHttpEndpoints<T>(this IResourceBuilder<T> builder)
        where T : IResourceWithEndpoints
    {
        foreach (var endpoint in builder.Resource.GetEndpoints().Where(endpoint => endpoint.Scheme is "http" or "https"))
        {
            endpoint.EndpointAnnotation.IsExternal = true;
        }

        return builder;
    }

    public static IResourceBuilder<T> WithHttpHealthCheck<T>(this IResourceBuilder<T> builder, string path)
        where T : IResourceWithEndpoints
    {
        var endpoint = builder.GetEndpoint("http");
        if (!endpoint.Exists)
        {
            throw new DistributedApplicationException(
                $"Resource '{builder.Resource.Name}' has no endpoint '{endpoint.EndpointName}' to check the health of; a project gets one from the applicationUrl in its launchSettings.json.");
        }

        return builder.WithAnnotation(new HealthProbeAnnotation(
            $"{builder.Resource.Name}_{endpoint.EndpointName}_{path}_200_check",
            (replica, cancellationToken) => HealthProbes.HttpAsync(new Uri(new Uri(endpoint.UrlOf(replica)), path), cancellationToken)));
    }
}

public static class DistributedApplicationEventingExtensions
{
    public static IResourceBuilder<T> OnResourceReady<T>(this IResourceBuilder<T> builder, Func<T, ResourceReadyEvent, CancellationToken, Task> callback)
        where T : IResource => builder.WithAnnotation(new ReadyCallbackAnnotation((services, cancellationToken) =>
            callback(builder.Resource, new ResourceReadyEvent(services), cancellationToken)));
}
