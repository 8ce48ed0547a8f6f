using System.Net.Sockets;
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

    /// <summary>Gives the connection string as <c>ConnectionStrings__name</c>.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder,
        IResourceBuilder<IResourceWithConnectionString> source,
        string? connectionName = null,
        bool optional = false)
        where TDestination : IResourceWithEnvironment => builder
            .WithEnvironment(context =>
                context.EnvironmentVariables[$"ConnectionStrings__{connectionName ?? source.Resource.Name}"] = new ConnectionStringReference(source.Resource, optional))
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

    public static IResourceBuilder<T> WaitFor<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency, WaitBehavior waitBehavior)
        where T : IResourceWithWaitSupport =>
            builder.WithAnnotation(new WaitAnnotation(dependency.Resource, WaitType.WaitUntilHealthy) { WaitBehavior = waitBehavior });

    public static IResourceBuilder<T> WaitForCompletion<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency, int exitCode = 0)
        where T : IResourceWithWaitSupport => builder.WithAnnotation(new WaitAnnotation(dependency.Resource, WaitType.WaitForCompletion, exitCode));

    public static IResourceBuilder<T> WithEndpoint<T>(
        this IResourceBuilder<T> builder, string endpointName, Action<EndpointAnnotation> callback, bool createIfNotExists = true)
        where T : IResourceWithEndpoints
    {
        var reference = builder.Resource.GetEndpoint(endpointName);
        if (!reference.Exists && createIfNotExists)
        {
            builder.WithAnnotation(new EndpointAnnotation(ProtocolType.Tcp, name: endpointName));
        }

        if (reference.Exists)
        {
            callback(reference.EndpointAnnotation);
        }

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

    public static IResourceBuilder<T> WithHttpHealthCheck<T>(
        this IResourceBuilder<T> builder, string? path = null, int? statusCode = null, string? endpointName = null)
        where T : IResourceWithEndpoints
    {
        var endpoint = builder.GetEndpoint(endpointName ?? "http");
        if (!endpoint.Exists)
        {
            throw new DistributedApplicationException(
                $"Resource '{builder.Resource.Name}' has no endpoint '{endpoint.EndpointName}' to check the health of; a project gets one from the applicationUrl in its launchSettings.json.");
        }

        path ??= "/";
        var expected = statusCode ?? 200;
        return builder.WithAnnotation(new HealthProbeAnnotation(
            $"{builder.Resource.Name}_{endpoint.EndpointName}_{path}_{expected}_check",
            (replica, cancellationToken) => HealthProbes.HttpAsync(new Uri(new Uri(endpoint.UrlOf(replica)), path), expected, cancellationToken)));
    }
}

public static class DistributedApplicationEventingExtensions
{
    public static IResourceBuilder<T> OnResourceReady<T>(this IResourceBuilder<T> builder, Func<T, ResourceReadyEvent, CancellationToken, Task> callback)
        where T : IResource => builder.WithAnnotation(new ReadyCallbackAnnotation((services, cancellationToken) =>
            callback(builder.Resource, new ResourceReadyEvent(builder.Resource, services), cancellationToken)));
}
