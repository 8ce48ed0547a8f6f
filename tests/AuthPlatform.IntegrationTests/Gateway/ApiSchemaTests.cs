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

        Assert.Equal(fits, Fits(schema, value));
    }

    /// <summary>Whether beside members, which they do not name all, or by themselves.</summary>
    [Theory]
    [InlineData("""{"a":"x"}""", true)]
    [InlineData("""{"b":["x"],"a":null}""", true)]
    [InlineData("""{"b":"x"}""", true)]
    [InlineData("{}", false)]
    [InlineData("""{"a":null}""", false)]
    [InlineData("""{"a":"x","b":"x"}""", false)]
    [InlineData("""{"b":1}""", false)]
    [InlineData("""{"a":"x","c":"x"}""", false)]
    public void Value_AgainstAlternatives_FitsOneOfThem(string value, bool fits)
    {
        var schema = JsonNode.Parse(
            """
            {
              "oneOf": [
                { "required": ["a"], "properties": { "a": { "type": "string" } } },
                { "required": ["b"], "properties": { "b": { "type": ["string", "array"] } } }
              ],
              "properties": {
                "a": { "type": ["string", "null"] },
                "b": { "oneOf": [{ "type": "string" }, { "type": "array" }] }
              }
            }
            """)!;

        Assert.Equal(fits, Fits(schema, value));
    }

    private static bool Fits(JsonNode schema, string value) => Record.Exception(() => ApiSchema.AssertFits(schema, schema, JsonNode.Parse(value), "value")) is null;
}
