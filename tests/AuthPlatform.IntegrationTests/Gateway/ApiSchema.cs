using System.Text.Json;
using System.Text.Json.Nodes;

namespace AuthPlatform.IntegrationTests.Gateway;

/// <summary>
/// As much of JSON Schema as the API document uses: types, required and known members, items, enumerations, alternatives, references. Stricter in one thing: a schema that names
/// members names all there are, unless it says that there are more (<c>additionalProperties</c>). Clients pass over members that they do not know; none is to be one that nobody has
/// described.
/// </summary>
internal static class ApiSchema
{
    public static void AssertFits(JsonNode document, JsonNode schema, JsonNode? value, string at) => AssertFits(document, schema, value, at, namesAll: true);

    private static void AssertFits(JsonNode document, JsonNode schema, JsonNode? value, string at, bool namesAll)
    {
        if (schema["$ref"] is { } reference)
        {
            schema = reference.GetValue<string>().Split('/').Skip(1).Aggregate(document, (node, name) => node[name]!);
        }

        if (schema["oneOf"] is JsonArray alternatives)
        {
            // Beside members they say more of some of these.
            var fitting = alternatives.Count(alternative => Record.Exception(() => AssertFits(document, alternative!, value, at, namesAll: schema["properties"] is null)) is null);
            Assert.True(fitting == 1, $"{at} fits {fitting} of {alternatives.Count} alternatives");
        }

        if (schema["type"] is { } type)
        {
            var allowed = type is JsonArray several ? several.Select(t => t!.GetValue<string>()) : [type.GetValue<string>()];
            Assert.True(allowed.Contains(TypeOf(value)), $"{at} is {TypeOf(value)}, not {type.ToJsonString()}");
        }

        if (schema["enum"] is JsonArray values)
        {
            Assert.Contains(value?.ToJsonString() ?? "null", values.Select(v => v!.ToJsonString()));
        }

        foreach (var required in schema["required"]?.AsArray() ?? [])
        {
            Assert.True(value is JsonObject o && o.ContainsKey(required!.GetValue<string>()), $"{at} lacks {required}");
        }

        if (schema["properties"] is JsonObject properties && value is JsonObject members)
        {
            foreach (var (name, member) in members)
            {
                if (properties[name] is { } property)
                {
                    AssertFits(document, property, member, $"{at}.{name}");
                }
                else
                {
                    Assert.True(!namesAll || schema["additionalProperties"]?.GetValueKind() == JsonValueKind.True, $"{at} has {name}, which is not described");
                }
            }
        }

        if (schema["items"] is { } items && value is JsonArray list)
        {
            Assert.InRange(list.Count, schema["minItems"]?.GetValue<int>() ?? 0, int.MaxValue);
            foreach (var item in list)
            {
                AssertFits(document, items, item, $"{at}[]");
            }
        }
    }

    private static string TypeOf(JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "null",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "integer",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Array => "array",
        _ => "object",
    };
}
