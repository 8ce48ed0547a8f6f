namespace Aspire.Hosting.ApplicationModel;

public sealed class EndpointAnnotation : IResourceAnnotation
{
    internal EndpointAnnotation(string uriScheme, string name, int? port = null) => (UriScheme, Name, Port) = (uriScheme, name, port);

    public string Name { get; }

    public string UriScheme { get; }

    public string TargetHost { get; set; } = "localhost";

    /// <summary>The wanted port; null is any free one.</summary>
    public int? Port { get; set; }

    public bool IsExternal { get; set; }

    /// <summary>One port for each replica. There is no proxy in front: processes listen on these themselves, and keep them when restarted.</summary>
    internal IReadOnlyList<int> AllocatedPorts { get; set; } = [];
}

public class EnvironmentCallbackAnnotation(Func<EnvironmentCallbackContext, Task> callback) : IResourceAnnotation
{
    public Func<EnvironmentCallbackContext, Task> Callback { get; } = callback;
}

public class EnvironmentCallbackContext(DistributedApplicationExecutionContext executionContext, IResource resource)
{
    public DistributedApplicationExecutionContext ExecutionContext { get; } = executionContext;

    public IResource Resource { get; } = resource;

    /// <summary>Values are strings or <see cref="IValueProvider"/>s.</summary>
    public Dictionary<string, object> EnvironmentVariables { get; } = [];
}

public sealed class WaitAnnotation(IResource resource, WaitType waitType) : IResourceAnnotation
{
    public IResource Resource { get; } = resource;

    public WaitType WaitType { get; } = waitType;
}

public enum WaitType
{
    WaitUntilHealthy,
    WaitForCompletion,
}

public sealed class ReplicaAnnotation(int replicas = 1) : IResourceAnnotation
{
    public int Replicas { get; } = replicas;
}

public sealed class ResourceRelationshipAnnotation(IResource resource, string type) : IResourceAnnotation
{
    public IResource Resource { get; } = resource;

    public string Type { get; } = type;
}

/// <summary>A check of the resource's health.</summary>
/// <param name="key">Names the check in reports.</param>
public class HealthCheckAnnotation(string key) : IResourceAnnotation
{
    public string Key { get; } = key;
}

/// <summary>How to find out whether an instance is healthy.</summary>
/// <param name="key">Names the check in reports.</param>
/// <param name="probe">Takes the number of the replica; returns what is wrong, or null when all is well; may throw.</param>
internal sealed class HealthProbeAnnotation(string key, Func<int, CancellationToken, Task<string?>> probe) : HealthCheckAnnotation(key)
{
    public Func<int, CancellationToken, Task<string?>> Probe { get; } = probe;
}

/// <summary>What a store is told on its command line.</summary>
internal sealed record ArgumentsAnnotation(IReadOnlyList<string> Arguments) : IResourceAnnotation;

internal sealed record ReadyCallbackAnnotation(Func<IServiceProvider, CancellationToken, Task> Callback) : IResourceAnnotation;

/// <summary>The ids of a resource's running instances: its name and a random suffix, as in Aspire.</summary>
internal sealed record InstancesAnnotation(IReadOnlyList<string> Ids) : IResourceAnnotation;

/// <summary>Data that outlives the run, known to all runs by its name.</summary>
internal sealed record DataVolumeAnnotation(string Name) : IResourceAnnotation;
