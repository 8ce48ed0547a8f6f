using AuthPlatform.Contracts.OldDeployment;

namespace AuthPlatform.AppHost;

/// <summary>The variables of the older service, from the environment or a file <c>.env.{ENVIRONMENT}</c> where the AppHost is started.</summary>
internal static class OldDeploymentSettings
{
    private const string ResourceAttributes = "OTEL_RESOURCE_ATTRIBUTES";

    private static readonly (string Setting, string Parameter)[] Parameters =
        [("Bootstrap:ClientId", "Parameters:bootstrap-client-id"), ("Bootstrap:ClientSecret", "Parameters:bootstrap-client-secret")];

    /// <summary>Takes them, below whatever is set under our names; null, and said, when one cannot be understood. The stores are the AppHost's own, whatever they say.</summary>
    public static OldVariables? TakeOldDeploymentSettings(this IDistributedApplicationBuilder builder)
    {
        var environment = OldVariables.OfThisProcess();
        var old = OldVariables.Read(Environment.CurrentDirectory, environment, IsOurs);
        foreach (var failure in old.Failures)
        {
            Console.Error.WriteLine($"error: {failure}");
        }

        builder.SetAboveFiles(Parameters.Where(p => old.Settings.ContainsKey(p.Setting)).ToDictionary(p => p.Parameter, p => old.Settings[p.Setting]));
        return old.Failures.Count == 0 ? old : null;

        // Services inherit the environment, and what it has under our names wins there; but parameters are set here, and resource attributes by the host.
        bool IsOurs(string name) => name.StartsWith("ConnectionStrings:", StringComparison.Ordinal)
            || (name != ResourceAttributes && Parameters.All(p => p.Setting != name) && environment.ContainsKey(name.Replace(":", "__", StringComparison.Ordinal)));
    }

    /// <summary>Hands on those settings that are no parameters of this AppHost.</summary>
    public static IResourceBuilder<ProjectResource> WithOldSettings(this IResourceBuilder<ProjectResource> project, OldVariables old) =>
        project.WithEnvironment(context =>
        {
            foreach (var (name, value) in old.Settings.Where(setting => Parameters.All(p => p.Setting != setting.Key)))
            {
                var variable = name.Replace(":", "__", StringComparison.Ordinal);
                // The host names the instance there, which is to stay.
                context.EnvironmentVariables[variable] = variable == ResourceAttributes && context.EnvironmentVariables.TryGetValue(variable, out var present)
                    ? $"{present},{value}"
                    : value ?? "";
            }
        });
}
