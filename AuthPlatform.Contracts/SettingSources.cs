using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;

namespace AuthPlatform.Contracts;

/// <summary>Where settings from elsewhere stand among those that every .NET application has.</summary>
public static class SettingSources
{
    /// <summary>Directly above the files that come with an application: below environment and arguments, and below what was put there before.</summary>
    public static void InsertAboveFiles(this IConfigurationBuilder configuration, IConfigurationSource source)
    {
        var files = configuration.Sources.Select((present, index) => present is JsonConfigurationSource ? index + 1 : 0).DefaultIfEmpty().Max();
        configuration.Sources.Insert(files, source);
    }
}
