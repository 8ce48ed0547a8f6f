using System.Text;
using System.Text.Json;

namespace AuthPlatform.LoadGenerator;

/// <summary>What came back.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">All of the body.</param>
/// <param name="ETag">The entity tag, if it has one.</param>
internal readonly record struct Answer(int Status, byte[] Body, string? ETag)
{
    /// <summary>A member of the JSON object in the body.</summary>
    /// <exception cref="InvalidOperationException">It is no success, or has no such member.</exception>
    public string Text(ReadOnlySpan<byte> member)
    {
        if (Status == 200)
        {
            var reader = new Utf8JsonReader(Body);
            while (reader.Read())
            {
                if (reader is { TokenType: JsonTokenType.PropertyName, CurrentDepth: 1 } && reader.ValueTextEquals(member) && reader.Read())
                {
                    return reader.GetString()!;
                }
            }
        }

        throw new InvalidOperationException($"Answered {Status}: {Encoding.UTF8.GetString(Body)}");
    }
}
