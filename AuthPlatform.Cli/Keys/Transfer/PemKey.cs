using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;

namespace AuthPlatform.Cli.Keys.Transfer;

/// <summary>An RSA key from a PEM file (RFC 7468), checked.</summary>
/// <param name="Numbers">The key; without its private parts when only the public key was given.</param>
internal sealed record PemKey(RSAParameters Numbers)
{
    private const string Pkcs8 = "PRIVATE KEY";
    private const string EncryptedPkcs8 = "ENCRYPTED PRIVATE KEY";
    private const string PublicKey = "PUBLIC KEY";

    public bool HasPrivatePart => Numbers.D is not null;

    public static bool IsEncrypted(string text) => text.Contains($"-----BEGIN {EncryptedPkcs8}-----", StringComparison.Ordinal);

    /// <summary>Reads and checks a key; says everything that is wrong with one that may not be used.</summary>
    public static (PemKey? Key, IReadOnlyList<string> Problems) Read(string text, string? passphrase)
    {
        if (!PemEncoding.TryFind(text, out var fields) || PemEncoding.TryFind(text.AsSpan(fields.Location.End.Value), out _))
        {
            return (null, ["The file must hold exactly one key in PEM form (-----BEGIN PRIVATE KEY-----)."]);
        }

        var label = text[fields.Label];
        var der = Convert.FromBase64String(text[fields.Base64Data]);
        try
        {
            RSAParameters? numbers = label switch
            {
                Pkcs8 => RsaKeyReader.ReadPrivateKey(der),
                EncryptedPkcs8 => RsaKeyReader.ReadPrivateKey(Decrypt(der, passphrase ?? "")),
                PublicKey => RsaKeyReader.ReadPublicKey(der),
                _ => null,
            };
            if (numbers is null)
            {
                return (null, [$"The file holds a {label}; what is needed is PKCS#8: openssl pkcs8 -topk8 -nocrypt -in old.pem -out new.pem"]);
            }

            return RsaKeyCheck.Problems(numbers.Value) is { Count: > 0 } problems ? (null, problems) : (new PemKey(numbers.Value), []);
        }
        catch (AsnContentException)
        {
            return (null, [$"What stands between the lines of the {label} is damaged."]);
        }
        catch (CryptographicException exception)
        {
            return (null, [label == EncryptedPkcs8 ? "The passphrase does not open the file, or it is damaged." : $"The key cannot be used: {exception.Message}."]);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
        }
    }

    /// <summary>Only the envelope is opened: what is in it is judged by us, with a reason.</summary>
    private static ReadOnlyMemory<byte> Decrypt(byte[] encrypted, string passphrase) => Pkcs8PrivateKeyInfo.DecryptAndDecode(passphrase, encrypted, out _).Encode();
}
