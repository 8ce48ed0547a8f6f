using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration.UserSecrets;

namespace Aspire.Hosting;

/// <summary>The user secrets of the AppHost, the file that <c>dotnet user-secrets</c> shows. Only its owner may read it.</summary>
internal sealed class UserSecrets(string path)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
    private static readonly Lock FileLock = new();

    public static UserSecrets? Of(Assembly? appHost) => appHost?.GetCustomAttribute<UserSecretsIdAttribute>() is { } attribute
        ? new UserSecrets(PathHelper.GetSecretsPathFromSecretsId(attribute.UserSecretsId))
        : null;

    /// <summary>Reads the file anew: what another AppHost wrote since our configuration was loaded must not be replaced.</summary>
    public string GetOrAdd(string key, Func<string> generate)
    {
        lock (FileLock)
        {
            var secrets = File.Exists(path) ? JsonNode.Parse(File.ReadAllText(path), documentOptions: new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true })!.AsObject() : [];
            if (secrets[key]?.GetValue<string>() is { Length: > 0 } present)
            {
                return present;
            }

            var value = generate();
            secrets[key] = value;
            try
            {
                Write(secrets.ToJsonString(Indented));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new DistributedApplicationException($"The value made for {key} cannot be kept in {path}: {exception.Message}", exception);
            }

            return value;
        }
    }

    private void Write(string json)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
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
