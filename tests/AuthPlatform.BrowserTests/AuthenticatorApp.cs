using AuthPlatform.IntegrationTests.Admin;

namespace AuthPlatform.BrowserTests;

/// <summary>The app on a person's phone, which got its key by typing (RFC 4648, base 32; RFC 6238).</summary>
internal sealed class AuthenticatorApp(string key)
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    private readonly byte[] _secret = Decode(key);

    public string Code() => AdminAccount.Code(_secret, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 30);

    private static byte[] Decode(string text)
    {
        var bits = string.Concat(text.Where(c => !char.IsWhiteSpace(c)).Select(c => Convert.ToString(Alphabet.IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        return [.. bits.Chunk(8).Where(bits => bits.Length == 8).Select(bits => Convert.ToByte(new string(bits), 2))];
    }
}
