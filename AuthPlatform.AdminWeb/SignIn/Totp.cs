using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace AuthPlatform.AdminWeb.SignIn;

/// <summary>Codes of authenticator apps (RFC 6238: SHA-1, six digits, 30 seconds, the only parameters that all apps know).</summary>
internal static class Totp
{
    private const int StepSeconds = 30;
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>The step whose code this is, the present one or one of its neighbours, for clocks that differ a little; null when it is none.</summary>
    public static long? FindStep(byte[] secret, string? code, DateTimeOffset now)
    {
        var digits = string.Concat((code ?? "").Where(c => !char.IsWhiteSpace(c)));
        if (digits.Length != 6 || !digits.All(char.IsAsciiDigit))
        {
            return null;
        }

        var present = now.ToUnixTimeSeconds() / StepSeconds;
        long? found = null;
        for (var step = present - 1; step <= present + 1; step++)
        {
            if (CryptographicOperations.FixedTimeEquals(System.Text.Encoding.ASCII.GetBytes(Code(secret, step)), System.Text.Encoding.ASCII.GetBytes(digits)))
            {
                found = step;
            }
        }

        return found;
    }

    public static string Code(byte[] secret, long step)
    {
        Span<byte> counter = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
#pragma warning disable CA5350 // What authenticator apps compute; HMAC does not need SHA-1 to resist collisions.
        HMACSHA1.HashData(secret, counter, hash);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadInt32BigEndian(hash[(hash[^1] & 15)..]) & int.MaxValue;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    public static string ToBase32(ReadOnlySpan<byte> bytes)
    {
        var text = new System.Text.StringBuilder();
        var (buffer, bits) = (0, 0);
        foreach (var value in bytes)
        {
            (buffer, bits) = ((buffer << 8) | value, bits + 8);
            for (; bits >= 5; bits -= 5)
            {
                text.Append(Base32[(buffer >> (bits - 5)) & 31]);
            }
        }

        // The secrets here are a multiple of five bytes: nothing is left over.
        return text.ToString();
    }

    /// <summary>What the app reads out of the QR code.</summary>
    public static string Address(string userName, byte[] secret) => $"otpauth://totp/AuthPlatform:{Uri.EscapeDataString(userName)}?secret={ToBase32(secret)}&issuer=AuthPlatform";
}
