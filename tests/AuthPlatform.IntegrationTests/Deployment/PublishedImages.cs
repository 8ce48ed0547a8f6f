using System.Diagnostics;
using System.Reflection;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>
/// What the images hold, laid out as in them: readable by everybody, writable by nobody. Published as the Dockerfile does it, but from what the tests were built with: that its
/// own command succeeds in Release is not tested.
/// </summary>
internal sealed class PublishedImages : IDisposable
{
    /// <summary>What the tests were built with: to compile all of it again, for release and ahead of time, takes minutes and changes nothing but how fast it is.</summary>
    private static readonly string Configuration = typeof(PublishedImages).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    // Not in the repository, which may be where only its owner can read.
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("authplatform-images-");

    private PublishedImages()
    {
    }

    public Containerfile Containerfile { get; } = new();

    /// <summary>Where the secrets of the deployment are made.</summary>
    public string Secrets => Path.Combine(_root.FullName, "secrets");

    public static async Task<PublishedImages> MakeAsync(IEnumerable<string> images, CancellationToken cancellationToken)
    {
        var made = new PublishedImages();
        await RunAsync("dotnet", [.. AsBuilt(made.Containerfile.Publish), "--no-build", "--nologo", "--verbosity", "quiet"], cancellationToken);
        foreach (var image in images)
        {
            Directory.CreateDirectory(Path.Combine(made._root.FullName, image));
            await RunAsync("cp", ["-r", Published(made.Containerfile.Source(image)), made.FolderOf(image)], cancellationToken);
            // As where somebody has checked the sources out for nobody else.
            await RunAsync("chmod", ["-R", $"go-rwx,{made.Containerfile.Modes},a-w", made.FolderOf(image)], cancellationToken);
        }

        await RunAsync("chmod", ["a+rx", made._root.FullName], cancellationToken);
        await RunAsync("sh", [Repository.PathOf("deploy/make-secrets.sh"), made.Secrets], cancellationToken);
        return made;
    }

    /// <summary>What is <c>/app</c> in the image.</summary>
    public string FolderOf(string image) => Path.Combine(_root.FullName, image, "app");

    /// <summary>Gives a service the files that it has in <c>/run/secrets</c>.</summary>
    public string Mount(DeployedService service, IReadOnlyDictionary<string, string> replaced)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_root.FullName, service.Name, "secrets")).FullName;
        foreach (var (target, source) in service.Secrets)
        {
            File.WriteAllText(Path.Combine(folder, target), replaced.GetValueOrDefault(source) ?? File.ReadAllText(Path.Combine(Secrets, source)));
        }

        return folder;
    }

    public void Dispose()
    {
        using (var writable = Process.Start("chmod", ["-R", "u+w", _root.FullName]))
        {
            writable.WaitForExit();
        }

        _root.Delete(recursive: true);
    }

    private static IEnumerable<string> AsBuilt(string[] publish) => publish
        .Where(argument => argument is not "-p:ArtifactsPivots=image")
        .Select(argument => argument == "Release" ? Configuration : argument);

    private static string Published(string source) => source
        .Replace("/src/artifacts", Repository.PathOf("artifacts"), StringComparison.Ordinal)
        .Replace("/image/", $"/{Configuration.ToLowerInvariant()}/", StringComparison.Ordinal);

    private static async Task RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Repository.Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        // A node that stays behind would hold the output open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        var (exitCode, log) = await Process.Start(start)!.FinishAsync(cancellationToken);
        Assert.True(exitCode == 0, $"{program} {string.Join(' ', arguments)}:\n{log}");
    }
}
