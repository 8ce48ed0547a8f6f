using System.Diagnostics;

namespace AuthPlatform.IntegrationTests.Infrastructure;

/// <summary>A service started by itself, as it lies beside these tests in the build output, for what the AppHost would never do to it.</summary>
internal static class ServiceProcess
{
    /// <param name="service">Its project.</param>
    /// <param name="environment">Its settings.</param>
    /// <param name="ends">It ends by itself: what it says on standard error, such as a crash, is read too.</param>
    /// <param name="asAssembly">Whatever else it was compiled to.</param>
    public static Process Start(string service, IReadOnlyDictionary<string, string> environment, bool ends = false, bool asAssembly = false)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var folder = Path.Combine(here.Parent!.Parent!.FullName, service, here.Name);
        var assembly = Path.Combine(folder, $"{service}.dll");
        var program = asAssembly ? null : Program(assembly);
        string[] arguments = program is null ? ["exec", assembly] : [];
        var start = new ProcessStartInfo(program ?? "dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = ends };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>What it was compiled to that needs no runtime, if it was, as the AppHost runs it then. One that is older than any
    /// assembly beside it is of an earlier build.</summary>
    private static string? Program(string assembly)
    {
        var path = Path.Combine(Path.GetDirectoryName(assembly)!, "native", Path.GetFileNameWithoutExtension(assembly) + (OperatingSystem.IsWindows() ? ".exe" : ""));
        return File.Exists(path) && Directory.EnumerateFiles(Path.GetDirectoryName(assembly)!, "*.dll").Max(File.GetLastWriteTimeUtc) <= File.GetLastWriteTimeUtc(path) ? path : null;
    }

    /// <summary>Waits for a service that ends by itself, or ends it when nobody waits any longer.</summary>
    public static async Task<(int ExitCode, string Log)> FinishAsync(this Process process, CancellationToken cancellationToken)
    {
        using (process)
        {
            try
            {
                var errors = process.StartInfo.RedirectStandardError ? process.StandardError.ReadToEndAsync(cancellationToken) : Task.FromResult("");
                var log = await process.StandardOutput.ReadToEndAsync(cancellationToken) + await errors;
                await process.WaitForExitAsync(cancellationToken);
                return (process.ExitCode, log);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw;
            }
        }
    }
}
