using System.Collections.Concurrent;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running;

namespace Aspire.Hosting.Dashboard;

/// <summary>
/// The dashboard's program. It is packed inside the Aspire CLI, which comes from npm; the CLI unpacks it once per version and user,
/// into <c>AuthPlatform/dashboard/&lt;version&gt;</c> of the local application data.
/// </summary>
internal static class DashboardBundle
{
    private static readonly string Suffix = OperatingSystem.IsWindows() ? ".exe" : "";

    /// <summary>Where npm puts packages.</summary>
    public static string NodeModules => typeof(DashboardBundle).Assembly.Metadata("NodeModules")!;

    /// <summary>The folder of the CLI; null when npm has none for this platform.</summary>
    public static string? Find(string nodeModules)
    {
        var scope = Path.Combine(nodeModules, "@microsoft");
        return Directory.Exists(scope) ? Directory.GetDirectories(scope, "aspire-cli-*").SingleOrDefault() : null;
    }

    /// <param name="package">The folder of the CLI.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The path of the program that is started with the argument <c>dashboard</c>.</returns>
    public static async Task<string> UnpackAsync(string package, CancellationToken cancellationToken)
    {
        using var description = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(package, "package.json"), cancellationToken));
        var folder = Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create),
            "AuthPlatform", "dashboard", description.RootElement.GetProperty("version").GetString()!);
        var program = Path.Combine(folder, "aspire-managed" + Suffix);
        if (!File.Exists(program))
        {
            await UnpackAsync(Path.Combine(package, "bin", "aspire" + Suffix), folder, cancellationToken);
        }

        return program;
    }

    // Unpacks beside the folder and renames, so that the folder is whole or not there, even when two AppHosts start for the first time at once.
    private static async Task UnpackAsync(string cli, string folder, CancellationToken cancellationToken)
    {
        var staging = Directory.CreateDirectory($"{folder}-{Path.GetRandomFileName()}").FullName;
        try
        {
            await SetUpAsync(cli, staging, cancellationToken);
            var managed = Directory.GetDirectories(Path.Combine(staging, ".aspire", "versions")).Select(version => Path.Combine(version, "managed")).Single();
            try
            {
                Directory.Move(managed, folder);
            }
            catch (IOException) when (Directory.Exists(folder))
            {
                // Another AppHost was faster; its copy is the same.
            }
        }
        finally
        {
            Directory.Delete(staging, recursive: true);
        }
    }

    private static async Task SetUpAsync(string cli, string staging, CancellationToken cancellationToken)
    {
        var output = new ConcurrentQueue<string>();
        var setup = await ChildProcess.StartAsync(
            // Whatever path it is given, the CLI also unpacks into .aspire of the home folder, and fails now and then unless both are the same.
            new ProcessSpec(cli, ["setup", "--install-path", Path.Combine(staging, ".aspire"), "--nologo", "--non-interactive"])
            {
                Environment = new Dictionary<string, string>
                {
                    ["HOME"] = staging,
                    ["USERPROFILE"] = staging,
                    ["ASPIRE_CLI_TELEMETRY_OPTOUT"] = "true",
                    ["NO_COLOR"] = "true",
                },
            },
            (line, _) => output.Enqueue(line));
        try
        {
            if (await setup.Exited.WaitAsync(cancellationToken) != 0)
            {
                throw new InvalidOperationException($"Unpacking it failed: {string.Join(' ', output)}");
            }
        }
        finally
        {
            await setup.StopAsync(patience: new CancellationToken(canceled: true));
        }
    }
}
