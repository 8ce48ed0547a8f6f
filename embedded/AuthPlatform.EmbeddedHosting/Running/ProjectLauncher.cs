using Aspire.Hosting.ApplicationModel;
using AuthPlatform.EmbeddedHosting;

namespace Aspire.Hosting.Running;

internal sealed class ProjectLauncher(DashboardEndpoints? dashboard) : ILauncher
{
    public async Task<ProcessSpec> PrepareAsync(ResourceInstance instance, CancellationToken cancellationToken)
    {
        var project = (ProjectResource)instance.Resource;
        var built = project.Annotations.OfType<IBuiltProject>().Single();
        if (!File.Exists(built.AssemblyPath))
        {
            throw new DistributedApplicationException($"'{project.Name}' has not been built: {built.AssemblyPath} does not exist.");
        }

        var profile = project.Annotations.OfType<LaunchProfile>().Single();
        var environment = ProjectEnvironment.Defaults(project, instance.Replica, instance.Id, profile, dashboard);
        await ProjectEnvironment.ApplyCallbacksAsync(project, environment, cancellationToken);
        return new ProcessSpec(DotNet, [built.AssemblyPath])
        {
            Description = Path.GetFileName(built.AssemblyPath),
            WorkingDirectory = Path.GetDirectoryName(built.ProjectPath),
            Environment = environment,
        };
    }

    /// <summary>The dotnet that runs us, if we are run by one, rather than whichever is first on PATH.</summary>
    internal static string DotNet => System.Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : "dotnet";
}
