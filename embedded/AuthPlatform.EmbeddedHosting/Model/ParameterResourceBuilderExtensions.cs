using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

public static class ParameterResourceBuilderExtensions
{
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, bool secret = false) =>
        builder.AddResource(new ParameterResource(name, fallback => ValueOf(builder.Configuration, name, fallback), secret));

    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool secret = false, bool persist = false) =>
        builder.AddResource(new ParameterResource(name, fallback => ValueOf(builder.Configuration, name, fallback), secret)
        {
            Default = persist && UserSecrets.Of(builder.AppHostAssembly) is { } userSecrets
                ? new PersistedParameterDefault($"Parameters:{name}", value, userSecrets)
                : value,
        });

    /// <summary>From <c>Parameters:name</c>; environment variables cannot hold dashes, so <c>Parameters:name_with_underscores</c> does as well.</summary>
    internal static string ValueOf(IConfiguration configuration, string name, ParameterDefault? fallback)
    {
        var value = configuration[$"Parameters:{name}"];
        if (string.IsNullOrEmpty(value))
        {
            value = configuration[$"Parameters:{name.Replace('-', '_')}"];
        }

        return !string.IsNullOrEmpty(value) ? value
            : fallback?.GetDefaultValue()
            ?? throw new MissingParameterValueException(
                $"Parameter '{name}' has no value: set Parameters:{name} in configuration or user secrets, or {$"Parameters__{name.Replace('-', '_')}"} in the environment.");
    }
}

/// <summary>A generated value that is written to the user secrets, where the next run finds it in configuration.</summary>
internal sealed class PersistedParameterDefault(string key, ParameterDefault generate, UserSecrets userSecrets) : ParameterDefault
{
    public override string GetDefaultValue() => userSecrets.GetOrAdd(key, generate.GetDefaultValue);
}
