using System.Text.Json;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>What a project's <c>launchSettings.json</c> says on how to run it.</summary>
internal sealed record LaunchProfile(string? Name, IReadOnlyList<Uri> Addresses, IReadOnlyDictionary<string, string> Environment) : IResourceAnnotation
{
    private static readonly LaunchProfile None = new(null, [], new Dictionary<string, string>());

    private static readonly JsonSerializerOptions Lenient = new(JsonSerializerDefaults.Web) { ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Takes the profile with the name of the AppHost's own, else the first one that runs the project.</summary>
    public static LaunchProfile Read(string projectPath, string? preferredName)
    {
        var file = Path.Combine(Path.GetDirectoryName(projectPath)!, "Properties", "launchSettings.json");
        if (!File.Exists(file))
        {
            return None;
        }

        try
        {
            var profiles = JsonSerializer.Deserialize<Settings>(File.ReadAllText(file), Lenient)?.Profiles ?? [];
            var (name, profile) = preferredName is not null && profiles.TryGetValue(preferredName, out var preferred)
                ? new(preferredName, preferred)
                : profiles.FirstOrDefault(entry => entry.Value.CommandName == "Project");
            return profile is null ? None : new LaunchProfile(name, Parse(profile.ApplicationUrl), profile.EnvironmentVariables ?? []);
        }
        catch (Exception exception) when (exception is JsonException or UriFormatException)
        {
            throw new DistributedApplicationException($"{file} cannot be read: {exception.Message}", exception);
        }
    }

    private static List<Uri> Parse(string? applicationUrl) =>
        [.. (applicationUrl ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(url => new Uri(url))];

    private sealed record Settings(Dictionary<string, Profile>? Profiles);

    private sealed record Profile(string? CommandName, string? ApplicationUrl, Dictionary<string, string>? EnvironmentVariables);
}
