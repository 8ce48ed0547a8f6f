using System.Globalization;

namespace AuthPlatform.Contracts;

/// <summary>How moments are written for programs.</summary>
public static class UtcText
{
    /// <summary>To the second, as <c>2026-11-27T16:12:00Z</c>.</summary>
    public static string Seconds(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
