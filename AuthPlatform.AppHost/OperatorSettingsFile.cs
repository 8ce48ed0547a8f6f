using System.Text.Json;
using AuthPlatform.Contracts;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AuthPlatform.AppHost;

/// <summary>Lets a developer use the command line on the running platform without looking for ports and passwords.</summary>
internal static class OperatorSettingsFile
{
    /// <summary>
    /// Leaves a file with the settings that the command line needs, for its owner only, while the platform runs: where <c>Operator:SettingsFile</c> says, or at
    /// <see cref="LocalHostSettings.File"/>. A platform whose stores vanish with it leaves one only where it is told to.
    /// </summary>
    public static void LeaveOperatorSettings(
        this IDistributedApplicationBuilder builder,
        IResourceBuilder<IResource> whenReady,
        IResourceBuilder<ParameterResource> encryptionKey,
        params IResourceBuilder<IResourceWithConnectionString>[] stores)
    {
        var keeps = builder.Configuration.GetValue("Stores:Keep", defaultValue: true);
        if ((builder.Configuration["Operator:SettingsFile"] ?? (keeps ? LocalHostSettings.File : null)) is not { Length: > 0 } path)
        {
            return;
        }

        whenReady.OnResourceReady(async (_, ready, cancellationToken) =>
        {
            var connections = new Dictionary<string, string?>();
            foreach (var store in stores)
            {
                connections[store.Resource.Name] = await store.Resource.GetConnectionStringAsync(cancellationToken);
            }

            var settings = new { ConnectionStrings = connections, Encryption = new { Keys = new[] { await encryptionKey.Resource.GetValueAsync(cancellationToken) } } };
            await WriteAsync(path, JsonSerializer.SerializeToUtf8Bytes(settings), cancellationToken);
            ready.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(() => File.Delete(path));
        });
    }

    private static async Task WriteAsync(string path, byte[] json, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        // A file that is there already would keep its own permissions.
        File.Delete(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using var file = new FileStream(path, options);
        await file.WriteAsync(json, cancellationToken);
    }
}
