using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>Who needs whom: what a resource waits for, and a child its parent.</summary>
internal static class WaitGraph
{
    public static IEnumerable<IResource> Dependencies(IResource resource) => resource.Annotations.OfType<WaitAnnotation>().Select(wait => wait.Resource)
        .Concat(resource is IResourceWithParent child ? [child.Parent] : []);

    public static ILookup<IResource, IResource> Dependents(IEnumerable<IResource> resources) =>
        resources.SelectMany(resource => Dependencies(resource).Select(dependency => (dependency, resource))).ToLookup(edge => edge.dependency, edge => edge.resource);

    /// <summary>Resources that wait for each other would wait for ever.</summary>
    public static void ThrowIfCyclic(IEnumerable<IResource> resources)
    {
        var finished = new HashSet<IResource>();
        foreach (var resource in resources)
        {
            Visit(resource, []);
        }

        void Visit(IResource resource, List<IResource> path)
        {
            if (finished.Contains(resource))
            {
                return;
            }

            if (path.IndexOf(resource) is var start and >= 0)
            {
                var circle = path.Skip(start).Append(resource).Select(member => member.Name);
                throw new DistributedApplicationException($"Resources wait for each other: {string.Join(" → ", circle)}.");
            }

            foreach (var dependency in Dependencies(resource))
            {
                Visit(dependency, [.. path, resource]);
            }

            finished.Add(resource);
        }
    }
}
