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
        var program = Program(built.AssemblyPath);
        return new ProcessSpec(program ?? DotNet, program is null ? [built.AssemblyPath] : [])
        {
            Description = Path.GetFileName(program ?? built.AssemblyPath),
            WorkingDirectory = Path.GetDirectoryName(built.ProjectPath),
            Environment = environment,
        };
    }

    /// <summary>What a project was compiled to that needs no runtime, if it was: <c>CompileToProgram</c> in Directory.Build.targets. One that is older than
    /// any assembly beside it is of an earlier build.</summary>
    private static string? Program(string assembly)
    {
        var path = Path.Combine(Path.GetDirectoryName(assembly)!, "native", Path.GetFileNameWithoutExtension(assembly) + (OperatingSystem.IsWindows() ? ".exe" : ""));
        return File.Exists(path) && Directory.EnumerateFiles(Path.GetDirectoryName(assembly)!, "*.dll").Max(File.GetLastWriteTimeUtc) <= File.GetLastWriteTimeUtc(path) ? path : null;
    }

    /// <summary>The dotnet that runs us, if we are run by one, rather than whichever is first on PATH.</summary>
    internal static string DotNet => System.Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : "dotnet";
}
