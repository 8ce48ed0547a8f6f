using System.Reflection;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>Runs Garnet, or the redis-server that <c>AUTHPLATFORM_REDIS_SERVER</c> names.</summary>
internal sealed class RedisLauncher(DataFolders folders) : ILauncher
{
    public async Task<ProcessSpec> PrepareAsync(ResourceInstance instance, CancellationToken cancellationToken)
    {
        var redis = (RedisResource)instance.Resource;
        var password = (await redis.PasswordParameter.GetValueAsync(cancellationToken))!;
        var folder = redis.Annotations.OfType<DataVolumeAnnotation>().LastOrDefault() is { } volume ? folders.Kept(volume.Name) : folders.Temporary(redis.Name);
        instance.Describe("data.path", folder);
        return Environment.GetEnvironmentVariable("AUTHPLATFORM_REDIS_SERVER") is { Length: > 0 } server
            ? RedisServer(server, redis, folder, password)
            : Garnet(redis, folder, password);
    }

    private static ProcessSpec Garnet(RedisResource redis, string folder, string password)
    {
        var assembly = typeof(RedisLauncher).Assembly.Metadata("GarnetServer")!;
        if (!File.Exists(assembly))
        {
            throw new DistributedApplicationException($"Garnet, which stands in for Redis, has not been built: {assembly} does not exist.");
        }

        string[] arguments = [assembly, "--port", $"{redis.PrimaryEndpoint.Port}", "--checkpointdir", Path.Combine(folder, "garnet"), .. redis.Has<DataVolumeAnnotation>() ? ["--persist"] : Array.Empty<string>()];
        return new ProcessSpec(ProjectLauncher.DotNet, arguments)
        {
            Description = $"Garnet {AssemblyName.GetAssemblyName(Path.Combine(Path.GetDirectoryName(assembly)!, "Garnet.host.dll")).Version?.ToString(3)}",
            WorkingDirectory = folder,
            Environment = new Dictionary<string, string> { ["GARNET_PASSWORD"] = password },
        };
    }

    private static ProcessSpec RedisServer(string server, RedisResource redis, string folder, string password)
    {
        // In a file, which only we can read: everybody may read a command line.
        var configuration = Path.Combine(folder, "redis.conf");
        File.WriteAllText(configuration, $"""
            bind 127.0.0.1
            port {redis.PrimaryEndpoint.Port}
            requirepass {Quoted(password)}
            dir {Quoted(folder)}
            save ""
            appendonly {(redis.Has<DataVolumeAnnotation>() ? "yes" : "no")}

            """);
        return new ProcessSpec(server, [configuration]) { Description = server, WorkingDirectory = folder };
    }

    /// <summary>As its configuration file has values with spaces, or backslashes as in paths of Windows.</summary>
    internal static string Quoted(string value) => $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
