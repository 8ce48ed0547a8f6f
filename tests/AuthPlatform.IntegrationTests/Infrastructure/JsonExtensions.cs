using System.Text.Json;

namespace AuthPlatform.IntegrationTests.Infrastructure;

internal static class JsonExtensions
{
    /// <summary>A member as text; the test fails when it is missing.</summary>
    public static string Text(this JsonElement element, string name) => element.GetProperty(name).ToString();
}
