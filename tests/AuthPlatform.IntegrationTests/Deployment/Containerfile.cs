using System.Text.Json;

namespace AuthPlatform.IntegrationTests.Deployment;

/// <summary>The Dockerfile: how everything is published, and what each image is.</summary>
internal sealed class Containerfile
{
    private readonly List<string> _lines = [.. Repository.Read("Dockerfile").Split('\n')];

    /// <summary>The arguments with which <c>dotnet</c> makes what the images hold.</summary>
    public string[] Publish => _lines.Single(line => line.StartsWith("RUN dotnet publish ", StringComparison.Ordinal)).Split(' ')[2..];

    /// <summary>What <c>chmod</c> is told about what the images hold.</summary>
    public string Modes => _lines.Single(line => line.StartsWith("RUN chmod -R ", StringComparison.Ordinal)).Split(' ')[3];

    /// <summary>The variables that every image of a service has.</summary>
    public IReadOnlyDictionary<string, string> Environment => Stage("service").Single(line => line.StartsWith("ENV ", StringComparison.Ordinal)).Split(' ')[1..]
        .Select(variable => variable.Split('=')).ToDictionary(variable => variable[0], variable => variable[1]);

    /// <summary>The folder of the published output that becomes <c>/app</c> of the image.</summary>
    public string Source(string image) => Stage(image).Single(line => line.StartsWith("COPY --from=build", StringComparison.Ordinal)).Split(' ')[2];

    public string[] EntryPoint(string image) => Array(Stage(image).Single(line => line.StartsWith("ENTRYPOINT ", StringComparison.Ordinal)));

    /// <summary>What the image says to find out whether it is alive; nothing for one that ends by itself.</summary>
    public string[] Health(string image) => Stage(image).SingleOrDefault(line => line.StartsWith("HEALTHCHECK ", StringComparison.Ordinal)) is { } check ? Array(check) : [];

    public bool IsRoot => !Stage("service").Contains("USER 1654:1654");

    private static string[] Array(string line) => JsonSerializer.Deserialize<string[]>(line[line.IndexOf('[', StringComparison.Ordinal)..])!;

    private List<string> Stage(string name)
    {
        var start = _lines.FindIndex(line => line.StartsWith("FROM ", StringComparison.Ordinal) && line.EndsWith($" AS {name}", StringComparison.Ordinal));
        return start < 0 ? throw new KeyNotFoundException($"The Dockerfile has no stage {name}.")
            : [.. _lines.Skip(start + 1).TakeWhile(line => !line.StartsWith("FROM ", StringComparison.Ordinal))];
    }
}
