using System.Text.Json.Nodes;

namespace AuthPlatform.IntegrationTests.Gateway;

/// <summary>What the comparison with the API document notices.</summary>
public sealed class ApiSchemaTests
{
    [Theory]
    [InlineData("""{"a":"x"}""", true)]
    [InlineData("""{"a":"x","b":null}""", true)]
    [InlineData("""{"a":"x","c":{"d":1}}""", true)]
    [InlineData("""{"a":"x","c":{"d":1,"e":null}}""", true)]
    [InlineData("""{"b":"x"}""", false)]
    [InlineData("""{"a":1}""", false)]
    [InlineData("""{"a":null}""", false)]
    [InlineData("""{"a":"y"}""", false)]
    [InlineData("""{"a":"x","c":null}""", false)]
    [InlineData("""{"a":"x","c":{"d":null}}""", false)]
    [InlineData("""{"a":"x","d":1}""", false)]
    [InlineData("""{"a":"x","d":null}""", false)]
    public void Value_AgainstItsSchema_FitsOnlyAsDescribed(string value, bool fits)
    {
        var schema = JsonNode.Parse(
            """
            {
              "type": "object",
              "required": ["a"],
              "properties": {
                "a": { "type": "string", "enum": ["x"] },
                "b": { "type": ["string", "null"] },
                "c": { "type": "object", "properties": { "d": { "type": "integer" } }, "additionalProperties": true }
              }
            }
            """)!;

        Assert.Equal(fits, Record.Exception(() => ApiSchema.AssertFits(schema, schema, JsonNode.Parse(value), "value")) is null);
    }
}
