namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>The files that deployments are made from.</summary>
internal static class Repository
{
    public static string Folder { get; } = Path.GetDirectoryName(Projects.AuthPlatform_AppHost.ProjectPath)!;

    public static string PathOf(string name) => Path.Combine(Folder, name);

    public static string Read(string name) => File.ReadAllText(PathOf(name));
}
