using System.Globalization;
using System.Text.Json;
using AuthPlatform.Contracts;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>When a request says it was signed, in whole UNIX seconds.</summary>
internal static class RequestTimestamp
{
    /// <summary>The end of the year 9999; whatever is later is no timestamp.</summary>
    private const long Last = 253_402_300_799;

    /// <summary>v2: the header, digits only.</summary>
    public static (long Seconds, Problem? Problem) FromHeader(string header) =>
        header.Length <= 12 && long.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= Last
            ? (seconds, null)
            : (0, RequestProblems.InvalidTimestamp);

    /// <summary>v1: the <c>timestamp</c> member, a number of seconds or <c>YYYY-MM-DDTHH:MM:SSZ</c>.</summary>
    public static (long Seconds, Problem? Problem) FromBody(JsonElement body)
    {
        if (!body.TryGetProperty("timestamp"u8, out var timestamp) || timestamp.ValueKind == JsonValueKind.Null)
        {
            return (0, RequestProblems.MissingTimestamp);
        }

        if (timestamp.ValueKind == JsonValueKind.Number && timestamp.TryGetDouble(out var number) && number is >= 0 and <= Last)
        {
            return ((long)number, null);
        }

        return timestamp.ValueKind == JsonValueKind.String
            && DateTimeOffset.TryParseExact(timestamp.GetString(), "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
            ? (instant.ToUnixTimeSeconds(), null)
            : (0, RequestProblems.InvalidTimestamp);
    }

    /// <summary>Whether the timestamp is within the skew; both sides in whole seconds, so that the limit itself is still good in either direction.</summary>
    public static bool IsWithin(long seconds, int skewSeconds, DateTimeOffset now) => Math.Abs(now.ToUnixTimeSeconds() - seconds) <= skewSeconds;
}
