using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>Knows how one kind of resource is run as a process.</summary>
internal interface ILauncher
{
    /// <summary>Makes ready what the process needs on disk and describes it.</summary>
    Task<ProcessSpec> PrepareAsync(ResourceInstance instance, CancellationToken cancellationToken);
}

/// <summary>Finds the launcher of a resource.</summary>
internal sealed class ResourceLaunchers(DataFolders folders, IServiceProvider services)
{
    private readonly PostgresLauncher _postgres = new(folders);
    private readonly RedisLauncher _redis = new(folders);
    private readonly ProjectLauncher _project = new((DashboardEndpoints?)services.GetService(typeof(DashboardEndpoints)));

    public ILauncher For(IResource resource) => resource switch
    {
        PostgresServerResource => _postgres,
        RedisResource => _redis,
        ProjectResource => _project,
        _ => throw new NotSupportedException($"{resource.GetType().Name} cannot be run as a process."),
    };
}
