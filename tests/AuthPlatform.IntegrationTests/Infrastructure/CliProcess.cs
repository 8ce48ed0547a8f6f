using System.Diagnostics;

namespace AuthPlatform.IntegrationTests.Infrastructure;

/// <summary>The command line as an operator starts it: the built program, with nothing but the given settings.</summary>
internal static class CliProcess
{
    public static Task<(int ExitCode, string Output, string Error)> RunAsync(Dictionary<string, string> settings, CancellationToken cancellationToken, params string[] arguments) =>
        RunAsync(settings, "", cancellationToken, arguments);

    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(
        Dictionary<string, string> settings, string input, CancellationToken cancellationToken, params string[] arguments)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var program = Path.Combine(here.Parent!.Parent!.FullName, "AuthPlatform.Cli", here.Name, "authplatform.dll");
        var start = new ProcessStartInfo("dotnet", ["exec", program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
            process.StandardInput.Close();
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }
}
