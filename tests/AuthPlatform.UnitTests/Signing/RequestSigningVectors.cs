using System.Text;
using System.Text.Json;

namespace AuthPlatform.UnitTests.Signing;

/// <summary>The published known answers of request signing.</summary>
internal static class RequestSigningVectors
{
    private static readonly JsonElement Root = JsonDocument.Parse(File.ReadAllBytes(Published)).RootElement;

    public static string Published => Path.Combine(AppContext.BaseDirectory, "Docs", "request-signing-vectors.json");

    public static IEnumerable<JsonElement> V1 => Root.GetProperty("v1").EnumerateArray();

    public static IEnumerable<JsonElement> V2 => Root.GetProperty("v2").EnumerateArray();

    public static string Text(this JsonElement vector, string name) => vector.GetProperty(name).ToString();

    public static byte[] Body(this JsonElement vector) => Encoding.UTF8.GetBytes(vector.Text("body"));
}
