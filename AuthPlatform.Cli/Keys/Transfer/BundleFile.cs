using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AuthPlatform.Cli.Keys.Transfer;

/// <summary>
/// A <see cref="KeyBundle"/> encrypted with a passphrase, as it lies in a file (docs/cli.md): JSON, version 1, PBKDF2-HMAC-SHA-256 and AES-256-GCM. Everything that
/// is readable in the file is authenticated.
/// </summary>
internal static class BundleFile
{
    /// <summary>What OWASP asks of PBKDF2-HMAC-SHA-256.</summary>
    public const int Iterations = 600_000;

    /// <summary>Fewest characters of a passphrase that a bundle is made with.</summary>
    public const int MinimumPassphraseLength = 12;

    private const string Format = "authplatform-keys";
    private const int Version = 1;
    private const string Derivation = "PBKDF2-HMAC-SHA-256";
    private const string Cipher = "AES-256-GCM";

    /// <summary>A file that asks for more would keep the reader busy for minutes.</summary>
    private const int MostIterations = 10_000_000;

    private const int SaltLength = 16;
    private const int NonceLength = 12;
    private const int TagLength = 16;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        WriteIndented = true,
    };

    public static bool LooksLikeOne(string text) => text.AsSpan().TrimStart().StartsWith("{");

    public static string Write(KeyBundle bundle, string passphrase)
    {
        var header = new Header(Format, Version, bundle.ClientId, Derivation, Iterations, RandomNumberGenerator.GetBytes(SaltLength), Cipher, RandomNumberGenerator.GetBytes(NonceLength), []);
        var plain = JsonSerializer.SerializeToUtf8Bytes(bundle, Json);
        var key = Derive(passphrase, header);
        var sealedBytes = new byte[plain.Length + TagLength];
        using (var aes = new AesGcm(key, TagLength))
        {
            aes.Encrypt(header.Nonce, plain, sealedBytes.AsSpan(0, plain.Length), sealedBytes.AsSpan(plain.Length), header.AssociatedData());
        }

        CryptographicOperations.ZeroMemory(plain);
        CryptographicOperations.ZeroMemory(key);
        return JsonSerializer.Serialize(header with { Ciphertext = sealedBytes }, Json);
    }

    /// <summary>The bundle, or one sentence. A wrong passphrase and a changed file cannot be told apart.</summary>
    public static (KeyBundle? Bundle, string? Problem) Read(string text, string passphrase)
    {
        Header? header;
        try
        {
            header = JsonSerializer.Deserialize<Header>(text, Json);
        }
        catch (JsonException)
        {
            header = null;
        }

        if (header is not { Format: Format })
        {
            return (null, "The file is not a key bundle.");
        }

        if (header is not { Version: Version, Derivation: Derivation, Cipher: Cipher })
        {
            return (null, $"The bundle is of version {header.Version} ({header.Derivation}, {header.Cipher}), which this command line does not know.");
        }

        return header is { Iterations: >= Iterations and <= MostIterations, Salt.Length: SaltLength, Nonce.Length: NonceLength, Ciphertext.Length: >= TagLength }
            && Open(header, passphrase) is { } bundle
                ? (bundle, null)
                : (null, "The bundle cannot be opened: the passphrase is wrong, or the file was changed.");
    }

    private static KeyBundle? Open(Header header, string passphrase)
    {
        var key = Derive(passphrase, header);
        var plain = new byte[header.Ciphertext.Length - TagLength];
        try
        {
            using var aes = new AesGcm(key, TagLength);
            aes.Decrypt(header.Nonce, header.Ciphertext.AsSpan(0, plain.Length), header.Ciphertext.AsSpan(plain.Length), plain, header.AssociatedData());
            return JsonSerializer.Deserialize<KeyBundle>(plain, Json);
        }
        catch (Exception exception) when (exception is CryptographicException or JsonException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private static byte[] Derive(string passphrase, Header header) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(passphrase), header.Salt, header.Iterations, HashAlgorithmName.SHA256, 32);

    private sealed record Header(
        [property: JsonRequired] string Format,
        [property: JsonRequired] int Version,
        [property: JsonRequired] string ClientId,
        [property: JsonRequired] string Derivation,
        [property: JsonRequired] int Iterations,
        [property: JsonRequired] byte[] Salt,
        [property: JsonRequired] string Cipher,
        [property: JsonRequired] byte[] Nonce,
        [property: JsonRequired] byte[] Ciphertext)
    {
        /// <summary>One line for each readable member but the ciphertext, in the order of the file.</summary>
        public byte[] AssociatedData() => Encoding.UTF8.GetBytes(string.Join(
            '\n',
            Format,
            Version.ToString(CultureInfo.InvariantCulture),
            ClientId,
            Derivation,
            Iterations.ToString(CultureInfo.InvariantCulture),
            Convert.ToBase64String(Salt),
            Cipher,
            Convert.ToBase64String(Nonce)));
    }
}
