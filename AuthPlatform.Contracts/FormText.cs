using System.Text;
using System.Text.Unicode;

namespace AuthPlatform.Contracts;

/// <summary>Text in the encoding of <c>application/x-www-form-urlencoded</c>, read so that no two readers can differ.</summary>
public static class FormText
{
    /// <summary>Decodes one name or value; null when it is not printable ASCII with sound escapes that give UTF-8 without U+0000.</summary>
    public static string? Decode(ReadOnlySpan<byte> encoded)
    {
        var decoded = encoded.Length <= 256 ? stackalloc byte[encoded.Length] : new byte[encoded.Length];
        var length = 0;
        for (var i = 0; i < encoded.Length; i++)
        {
            var unit = encoded[i];
            if (unit == '%')
            {
                if (i + 2 >= encoded.Length || !char.IsAsciiHexDigit((char)encoded[i + 1]) || !char.IsAsciiHexDigit((char)encoded[i + 2]))
                {
                    return null;
                }

                unit = (byte)((HexValue(encoded[i + 1]) << 4) | HexValue(encoded[i + 2]));
                i += 2;
                if (unit == 0)
                {
                    return null;
                }
            }
            else if (unit is <= (byte)' ' or > (byte)'~')
            {
                return null;
            }
            else if (unit == '+')
            {
                unit = (byte)' ';
            }

            decoded[length++] = unit;
        }

        return Utf8.IsValid(decoded[..length]) ? Encoding.UTF8.GetString(decoded[..length]) : null;
    }

    private static int HexValue(byte digit) => char.IsAsciiDigit((char)digit) ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
