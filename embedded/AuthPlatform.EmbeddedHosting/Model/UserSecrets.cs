using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aspire.Hosting.Running;
using Microsoft.Extensions.Configuration.UserSecrets;

namespace Aspire.Hosting;

/// <summary>The user secrets of the AppHost, the file that <c>dotnet user-secrets</c> shows. Only its owner may read it.</summary>
internal sealed class UserSecrets(string path)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Whoever has locked it needs milliseconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static UserSecrets? Of(Assembly? appHost) => appHost?.GetCustomAttribute<UserSecretsIdAttribute>() is { } attribute
        ? new UserSecrets(PathHelper.GetSecretsPathFromSecretsId(attribute.UserSecretsId))
        : null;

    /// <summary>Reads the file anew, one AppHost at a time: what another one wrote since our configuration was loaded must not be replaced.</summary>
    public string GetOrAdd(string key, Func<string> generate)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using var locked = LockFile();
            var secrets = File.Exists(path) ? JsonNode.Parse(File.ReadAllText(path), documentOptions: new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true })!.AsObject() : [];
            if (secrets[key]?.GetValue<string>() is { Length: > 0 } present)
            {
                return present;
            }

            var value = generate();
            secrets[key] = value;
            Write(secrets.ToJsonString(Indented));
            return value;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DistributedApplicationException($"The value made for {key} cannot be kept in {path}: {exception.Message}", exception);
        }
    }

    /// <summary>A file beside it, which is not replaced as it is.</summary>
    private FileStream LockFile()
    {
        FileStream? locked = null;
        return SpinWait.SpinUntil(() => (locked = DataFolders.TryLock($"{path}.lock")) is not null, Patience) ? locked!
            : throw new IOException("another program keeps it locked.");
    }

    private void Write(string json)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        // Written beside and renamed, so that a reader never sees half a file.
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        using (var writer = new StreamWriter(temporary, options))
        {
            writer.Write(json);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
