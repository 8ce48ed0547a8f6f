using System.Buffers;
using System.Text.Json;
using AuthPlatform.Contracts;

namespace AuthPlatform.ServiceDefaults.Problems;

/// <summary>Metadata of an endpoint whose errors are plain RFC 6749 §5.2 bodies, because OAuth libraries read them.</summary>
public sealed class PlainOAuthErrors
{
    private PlainOAuthErrors()
    {
    }

    /// <summary>The one there is.</summary>
    public static PlainOAuthErrors Instance { get; } = new();

    internal static void Write(IBufferWriter<byte> buffer, Problem problem)
    {
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("error"u8, problem.Error);
        json.WriteString("error_description"u8, Describable(problem.Detail));
        json.WriteEndObject();
    }

    /// <summary>RFC 6749 §5.2 takes printable ASCII without quotes and backslashes.</summary>
    private static string Describable(string detail) => string.Concat(detail.Select(c => c switch
    {
        '±' => "+-",
        '"' => "'",
        < ' ' or > '~' or '\\' => "?",
        _ => c.ToString(),
    }));
}
