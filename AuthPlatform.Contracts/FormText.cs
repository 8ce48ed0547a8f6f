using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace AuthPlatform.Contracts;

/// <summary>Text in the encoding of <c>application/x-www-form-urlencoded</c>, read so that no two readers can differ.</summary>
public static class FormText
{
    /// <summary>Decodes one name or value; null when it is not printable ASCII with sound escapes that give UTF-8 without U+0000.</summary>
    public static string? Decode(ReadOnlySpan<byte> encoded)
    {
        // First of all, of escapes too: the framework passes over U+0000 behind the digits of a number.
        if (encoded.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
        {
            return null;
        }

        var decoded = encoded.Length <= 256 ? stackalloc byte[encoded.Length] : new byte[encoded.Length];
        var length = 0;
        for (var i = 0; i < encoded.Length; i++)
        {
            var unit = encoded[i];
            if (unit == '%')
            {
                if (i + 2 >= encoded.Length
                    || !byte.TryParse(encoded.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out unit)
                    || unit == 0)
                {
                    return null;
                }

                i += 2;
            }
            else if (unit == '+')
            {
                unit = (byte)' ';
            }

            decoded[length++] = unit;
        }

        return Utf8.IsValid(decoded[..length]) ? Encoding.UTF8.GetString(decoded[..length]) : null;
    }
}
