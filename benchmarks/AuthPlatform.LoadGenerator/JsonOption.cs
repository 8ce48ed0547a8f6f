using System.CommandLine;
using System.Text.Json;

namespace AuthPlatform.LoadGenerator;

/// <summary>Where a command writes its numbers, for programs.</summary>
internal sealed class JsonOption
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly Option<FileInfo?> _file = new("--json") { Description = "Where everything measured is written, as JSON" };

    public void AddTo(Command command) => command.Options.Add(_file);

    /// <summary>Writes them, if that is wanted.</summary>
    public async Task WriteAsync(ParseResult arguments, object results, CancellationToken cancellationToken)
    {
        if (arguments.GetValue(_file) is { } file)
        {
            await File.WriteAllTextAsync(file.FullName, JsonSerializer.Serialize(results, Json), cancellationToken);
        }
    }
}
