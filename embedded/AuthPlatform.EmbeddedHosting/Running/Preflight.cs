using System.Net.Sockets;
using System.Security.Cryptography;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>Everything that can be found wrong before the first process starts and before any data is touched, and the choice of ports and ids.</summary>
internal sealed class Preflight(DistributedApplicationModel model, AppHostInfo appHost, DataFolders folders, ResourceLoggerService logs)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        WaitGraph.ThrowIfCyclic(model.Resources);
        if (model.Resources.OfType<PostgresServerResource>().Any())
        {
            RootPrivileges.ThrowIfPostgresWouldRefuse();
        }

        foreach (var resource in model.Resources)
        {
            NameInstances(resource);
            foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
            {
                endpoint.AllocatedPorts = Allocate(resource, endpoint);
            }
        }

        // In the same order in which parameters were declared, so that the first complaint is about the first one.
        foreach (var parameter in model.Resources.OfType<ParameterResource>())
        {
            await parameter.GetValueAsync(cancellationToken);
        }

        foreach (var volume in model.Resources.SelectMany(resource => resource.Annotations.OfType<DataVolumeAnnotation>()))
        {
            folders.Kept(volume.Name);
        }
    }

    private void NameInstances(IResource resource)
    {
        if (!resource.IsProcess())
        {
            return;
        }

        var replicas = resource.GetReplicaCount();
        var ids = Enumerable.Range(0, replicas).Select(_ => $"{resource.Name}-{RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz", 8)}").ToList();
        resource.Annotations.Add(new InstancesAnnotation(ids));
        foreach (var (replica, id) in ids.Index())
        {
            logs.Register(id, replicas == 1 ? resource.Name : $"{resource.Name}-{replica}");
        }
    }

    private List<int> Allocate(IResource resource, EndpointAnnotation endpoint)
    {
        var replicas = resource.GetReplicaCount();
        if (endpoint.Port is not { } wanted || appHost.RandomizePorts)
        {
            return [.. Enumerable.Range(0, replicas).Select(_ => FreePorts.Next())];
        }

        if (replicas > 1)
        {
            throw new DistributedApplicationException($"The {replicas} replicas of '{resource.Name}' cannot all listen on port {wanted}: the embedded host has no proxy in front of them.");
        }

        return FreePorts.Obstacle(wanted) switch
        {
            null => [wanted],
            SocketError.AccessDenied => throw new DistributedApplicationException(
                $"Port {wanted}, on which '{resource.Name}' is to listen, may not be used by this user: choose one from 1024 on, for the gateway with Gateway:Port."),
            _ => throw new DistributedApplicationException(
                $"Port {wanted}, on which '{resource.Name}' is to listen, is in use: stop the program that has it, or choose another port, for the gateway with Gateway:Port."),
        };
    }
}
