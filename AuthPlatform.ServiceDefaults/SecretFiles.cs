using AuthPlatform.Contracts;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.KeyPerFile;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;

namespace AuthPlatform.ServiceDefaults;

/// <summary>
/// Settings in the files of a directory, as containers get their secrets: <c>Encryption__Keys__0</c> holds <c>Encryption:Keys:0</c>. They are above the files that
/// come with a service and below the environment, and read once, at start.
/// </summary>
public static class SecretFiles
{
    /// <summary>The setting that names the directory; one that is not there holds nothing.</summary>
    public const string Setting = "SecretsDirectory";

    /// <summary>The directory that the settings name; null when they name none, or it is not there.</summary>
    /// <exception cref="InvalidOperationException">It is there, but this process may not read it.</exception>
    public static IConfigurationSource? Find(IConfiguration settings)
    {
        if (settings[Setting] is not { Length: > 0 } named || !Directory.Exists(named))
        {
            return null;
        }

        var directory = Path.GetFullPath(named);
        try
        {
            foreach (var file in Directory.EnumerateFiles(directory).Where(file => !Path.GetFileName(file).StartsWith('.')))
            {
                using (File.OpenRead(file))
                {
                }
            }
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            throw new InvalidOperationException($"{Setting}: {exception.Message} The user of this process must be able to read it.");
        }

        // Kubernetes lays links to the files, and keeps them in folders whose names begin with a dot, which the provider passes over.
        return new KeyPerFileConfigurationSource { FileProvider = new PhysicalFileProvider(directory) };
    }

    internal static void AddTo(IHostApplicationBuilder builder)
    {
        try
        {
            if (Find(builder.Configuration) is { } files)
            {
                builder.Configuration.InsertAboveFiles(files);
            }
        }
        catch (InvalidOperationException unreadable)
        {
            builder.Refuse(unreadable.Message);
        }
    }
}
