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
        var file = Path.GetTempFileName();
        try
        {
            var named = settings.ToDictionary(setting => setting.Key.Replace("__", ":", StringComparison.Ordinal), setting => setting.Value);
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(named), cancellationToken);
            using var output = new StringWriter();
            using var error = new StringWriter();
            using var typed = new StringReader(input);
            var exitCode = await OperatorCommand.RunAsync([.. arguments, "--settings", file], new Terminal(typed, output, error, IsInteractive: false), cancellationToken);
            return (exitCode, output.ToString(), error.ToString());
        }
        finally
        {
            File.Delete(file);
        }
    }
}
