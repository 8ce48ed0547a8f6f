using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running;

namespace Aspire.Hosting
{
    /// <summary>Implemented by the generated classes in the namespace <c>Projects</c>.</summary>
    public interface IProjectMetadata : IResourceAnnotation
    {
        string ProjectPath { get; }
    }

    public static class ProjectResourceBuilderExtensions
    {
        public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name)
            where TProject : IProjectMetadata, new()
        {
            var metadata = new TProject();
            var profile = LaunchProfile.Read(metadata.ProjectPath, builder.Configuration["DOTNET_LAUNCH_PROFILE"]);
            var project = builder.AddResource(new ProjectResource(name)).WithAnnotation(metadata).WithAnnotation(profile);
            foreach (var (scheme, addresses) in profile.Addresses.GroupBy(address => address.Scheme).ToDictionary(group => group.Key, group => group.ToList()))
            {
                foreach (var (index, address) in addresses.Index())
                {
                    // The port of the launch profile is for running the project alone; here any free one will do.
                    project.WithAnnotation(new EndpointAnnotation(scheme, index == 0 ? scheme : $"{scheme}{index + 1}") { TargetHost = address.Host });
                }
            }

            return project;
        }

        public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas) =>
            builder.WithAnnotation(new ReplicaAnnotation(replicas));
    }
}

namespace AuthPlatform.EmbeddedHosting
{
    /// <summary>What the embedded host needs to know of a project beyond Aspire's metadata.</summary>
    public interface IBuiltProject : Aspire.Hosting.IProjectMetadata
    {
        /// <summary>Full path of the assembly that was built together with the AppHost.</summary>
        string AssemblyPath { get; }
    }
}
