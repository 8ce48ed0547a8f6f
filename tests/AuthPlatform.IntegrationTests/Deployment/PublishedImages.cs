using System.Diagnostics;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>What the images hold, published by the Dockerfile's own command and laid out as in them: readable by everybody, writable by nobody.</summary>
internal sealed class PublishedImages : IDisposable
{
    /// <summary>To compile ahead takes minutes and changes nothing but the time of a start. The last one counts.</summary>
    private const string NotAhead = "-p:PublishReadyToRun=false";

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
        // Beside the output of the build, which the running tests are part of.
        var artifacts = Repository.PathOf("artifacts/images");
        await RunAsync("dotnet", [.. made.Containerfile.Publish, $"-p:ArtifactsPath={artifacts}", NotAhead, "--nologo", "--verbosity", "quiet"], cancellationToken);
        foreach (var image in images)
        {
            Directory.CreateDirectory(Path.Combine(made._root.FullName, image));
            await RunAsync("cp", ["-r", made.Containerfile.Source(image).Replace("/src/artifacts", artifacts, StringComparison.Ordinal), made.FolderOf(image)], cancellationToken);
            await RunAsync("chmod", ["-R", "a+rX,a-w", made.FolderOf(image)], cancellationToken);
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

    private static async Task RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Repository.Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        // A node that stays behind would hold the output open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        var (exitCode, log) = await Process.Start(start)!.FinishAsync(cancellationToken);
        Assert.True(exitCode == 0, $"{program} {string.Join(' ', arguments)}:\n{log}");
    }
}
