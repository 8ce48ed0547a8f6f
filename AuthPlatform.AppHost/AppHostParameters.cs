namespace AuthPlatform.AppHost;

/// <summary>How this AppHost declares the platform's own secrets.</summary>
internal static class AppHostParameters
{
    /// <summary>
    /// A secret of 43 letters and digits (256 bits), generated once and kept in the user secrets of this project, so that data survives restarts.
    /// <c>Parameters:name</c> in configuration, or <c>Parameters__name</c> in the environment (dashes as underscores), overrides it.
    /// </summary>
    public static IResourceBuilder<ParameterResource> AddGeneratedSecret(this IDistributedApplicationBuilder builder, string name) =>
        builder.AddParameter(name, new GenerateParameterDefault { MinLength = 43, Special = false }, secret: true, persist: true);
}
