using AuthPlatform.Contracts;
using Microsoft.Extensions.Configuration.Memory;

namespace AuthPlatform.AppHost;

/// <summary>How this AppHost declares the platform's own secrets.</summary>
internal static class AppHostParameters
{
    /// <summary>
    /// A secret of 43 letters and digits (256 bits), generated once and kept in the user secrets of this project, so that data survives restarts.
    /// <c>Parameters:name</c> on the command line, or <c>Parameters__name</c> in the environment (dashes as underscores), overrides it.
    /// </summary>
    public static IResourceBuilder<ParameterResource> AddGeneratedSecret(this IDistributedApplicationBuilder builder, string name) =>
        builder.AddParameter(name, new GenerateParameterDefault { MinLength = 43, Special = false }, secret: true, persist: true);

    /// <summary>
    /// Shells take no variables with dashes, and Aspire looks for a parameter with underscores only when there is none with dashes: what the environment says would be
    /// below the user secrets and <c>appsettings.json</c>. So it is said once more, with dashes, above them.
    /// </summary>
    public static void TakeParametersWithUnderscores(this IDistributedApplicationBuilder builder) => builder.SetAboveFiles(
        builder.Configuration.GetSection("Parameters").GetChildren()
            .Where(parameter => parameter.Key.Contains('_') && !string.IsNullOrEmpty(parameter.Value))
            .ToDictionary(parameter => parameter.Path.Replace('_', '-'), parameter => parameter.Value));

    /// <summary>Sets what is stronger than all files and weaker than the environment and the command line.</summary>
    public static void SetAboveFiles(this IDistributedApplicationBuilder builder, IReadOnlyDictionary<string, string?> settings)
    {
        if (settings.Count > 0)
        {
            builder.Configuration.InsertAboveFiles(new MemoryConfigurationSource { InitialData = settings });
        }
    }
}
