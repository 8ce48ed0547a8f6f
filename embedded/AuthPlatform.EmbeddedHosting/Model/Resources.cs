using System.Collections.ObjectModel;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.ApplicationModel
{
    /// <summary>Anything the AppHost declares: a service, a store, a database, a parameter.</summary>
    public interface IResource
    {
        string Name { get; }

        ResourceAnnotationCollection Annotations { get; }
    }

    public interface IResourceAnnotation;

    public interface IResourceWithEnvironment : IResource;

    /// <summary>In Aspire every container; here those whose launcher takes arguments.</summary>
    public interface IResourceWithArgs : IResource;

    public interface IResourceWithEndpoints : IResource;

    public interface IResourceWithWaitSupport : IResource;

    public interface IResourceWithParent : IResource
    {
        IResource Parent { get; }
    }

    public interface IResourceWithParent<out T> : IResourceWithParent
        where T : IResource
    {
        new T Parent { get; }

        IResource IResourceWithParent.Parent => Parent;
    }

    /// <summary>A value that is known only when the application runs: a parameter, an address, a connection string.</summary>
    public interface IValueProvider
    {
        ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default);
    }

    /// <summary>A value that has a name in the model, such as <c>{authdb.connectionString}</c>.</summary>
    public interface IManifestExpressionProvider
    {
        string ValueExpression { get; }
    }

    public interface IResourceWithConnectionString : IResource, IManifestExpressionProvider, IValueProvider
    {
        ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default);

        string IManifestExpressionProvider.ValueExpression => $"{{{Name}.connectionString}}";

        ValueTask<string?> IValueProvider.GetValueAsync(CancellationToken cancellationToken) => GetConnectionStringAsync(cancellationToken);
    }

    public class ConnectionStringReference(IResourceWithConnectionString resource) : IManifestExpressionProvider, IValueProvider
    {
        public IResourceWithConnectionString Resource { get; } = resource;

        string IManifestExpressionProvider.ValueExpression => Resource.ValueExpression;

        async ValueTask<string?> IValueProvider.GetValueAsync(CancellationToken cancellationToken)
        {
            var value = await Resource.GetConnectionStringAsync(cancellationToken);
            return !string.IsNullOrEmpty(value) ? value : throw new DistributedApplicationException($"Resource '{Resource.Name}' has no connection string.");
        }
    }

    public sealed class ResourceAnnotationCollection : Collection<IResourceAnnotation>;

    public abstract class Resource(string name) : IResource
    {
        public virtual string Name { get; } = name;

        public virtual ResourceAnnotationCollection Annotations { get; } = [];
    }

    /// <summary>In Aspire a container; here a process that plays its part.</summary>
    public class ContainerResource(string name) : Resource(name), IResourceWithEnvironment, IResourceWithEndpoints, IResourceWithWaitSupport;

    /// <summary>A .NET project of the solution, run as <c>dotnet &lt;its assembly&gt;</c>.</summary>
    public class ProjectResource(string name) : Resource(name), IResourceWithEnvironment, IResourceWithServiceDiscovery, IResourceWithWaitSupport;
}

namespace Aspire.Hosting
{
    public interface IResourceWithServiceDiscovery : IResourceWithEndpoints;
}
