using System.Text.Json;
using AuthPlatform.Cli;
using AuthPlatform.Cli.Running;

namespace AuthPlatform.IntegrationTests.Infrastructure;

/// <summary>
/// The command line with settings in a file, within this process: starting a program takes longer than most commands. That the built program works is for
/// <see cref="CliProcess"/>.
/// </summary>
internal static class OperatorCli
{
    public static Task<(int ExitCode, string Output, string Error)> RunAsync(Dictionary<string, string> settings, CancellationToken cancellationToken, params string[] arguments) =>
        RunAsync(settings, "", cancellationToken, arguments);

    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(
        Dictionary<string, string> settings, string input, CancellationToken cancellationToken, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var typed = new StringReader(input);
        var exitCode = await RunAsync(settings, new Terminal(typed, output, error, IsInteractive: false), cancellationToken, arguments);
        return (exitCode, output.ToString(), error.ToString());
    }

    /// <summary>The same on a machine with another clock.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(
        Dictionary<string, string> settings, TimeProvider clock, CancellationToken cancellationToken, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = await RunAsync(settings, new Terminal(TextReader.Null, output, error, IsInteractive: false) { Clock = clock }, cancellationToken, arguments);
        return (exitCode, output.ToString(), error.ToString());
    }

    /// <summary>The same at a terminal of the test's own.</summary>
    public static async Task<int> RunAsync(Dictionary<string, string> settings, Terminal terminal, CancellationToken cancellationToken, params string[] arguments)
    {
        var file = Path.GetTempFileName();
        try
        {
            var named = settings.ToDictionary(setting => setting.Key.Replace("__", ":", StringComparison.Ordinal), setting => setting.Value);
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(named), cancellationToken);
            return await OperatorCommand.RunAsync([.. arguments, "--settings", file], terminal, cancellationToken);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
