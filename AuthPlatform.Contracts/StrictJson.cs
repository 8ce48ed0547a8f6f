using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace AuthPlatform.Contracts;

/// <summary>
/// JSON that two parsers cannot read differently: valid UTF-8, an object at the root, no duplicate members (RFC 7493 §2.3), no U+0000 and no unpaired
/// surrogate in any string or name.
/// </summary>
public static class StrictJson
{
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <summary>Parses the bytes; null when they are not such an object. The caller disposes of the document and keeps the bytes until then.</summary>
    public static JsonDocument? ParseObject(ReadOnlyMemory<byte> utf8)
    {
        if (!Utf8.IsValid(utf8.Span) || !HasSoundEscapes(utf8.Span))
        {
            return null;
        }

        try
        {
            var document = JsonDocument.Parse(utf8, Options);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
            return null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Looks at each <c>\uXXXX</c>: the JSON reader would throw on an unpaired surrogate much later, and Postgres on U+0000.</summary>
    private static bool HasSoundEscapes(ReadOnlySpan<byte> utf8)
    {
        while (true)
        {
            var backslash = utf8.IndexOf((byte)'\\');
            if (backslash < 0 || backslash + 1 >= utf8.Length)
            {
                return true;
            }

            utf8 = utf8[backslash..];
            if (!TryReadEscape(utf8, out var unit))
            {
                utf8 = utf8[2..];
                continue;
            }

            utf8 = utf8[6..];
            if (unit == '\0' || char.IsLowSurrogate(unit))
            {
                return false;
            }

            if (char.IsHighSurrogate(unit))
            {
                if (!TryReadEscape(utf8, out var low) || !char.IsLowSurrogate(low))
                {
                    return false;
                }

                utf8 = utf8[6..];
            }
        }
    }

    private static bool TryReadEscape(ReadOnlySpan<byte> utf8, out char unit)
    {
        unit = default;
        if (utf8.Length < 6 || utf8[0] != '\\' || utf8[1] != 'u' || !ushort.TryParse(utf8[2..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        unit = (char)value;
        return true;
    }
}
