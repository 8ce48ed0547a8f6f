using System.Diagnostics;

namespace AuthPlatform.IntegrationTests.Infrastructure;

/// <summary>A service started by itself, as it lies beside these tests in the build output, for what the AppHost would never do to it.</summary>
internal static class ServiceProcess
{
    /// <param name="service">Its project.</param>
    /// <param name="environment">Its settings.</param>
    /// <param name="ends">It ends by itself: what it says on standard error, such as a crash, is read too.</param>
    public static Process Start(string service, IReadOnlyDictionary<string, string> environment, bool ends = false)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var folder = Path.Combine(here.Parent!.Parent!.FullName, service, here.Name);
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(folder, $"{service}.dll")]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = ends };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
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
