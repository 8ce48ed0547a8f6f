using System.Formats.Asn1;
using System.Security.Cryptography;

namespace AuthPlatform.Cli.Keys.Transfer;

/// <summary>
/// Reads the numbers out of a key's encoding (RFC 8017 A.1, RFC 5958, RFC 5280) without asking the cryptographic library for its opinion: it would refuse some weak
/// keys with no reason and take others.
/// </summary>
internal static class RsaKeyReader
{
    private const string RsaEncryption = "1.2.840.113549.1.1.1";

    /// <summary>PKCS#8, not encrypted.</summary>
    /// <exception cref="AsnContentException">It is not that.</exception>
    /// <exception cref="CryptographicException">It is a key of another algorithm.</exception>
    public static RSAParameters ReadPrivateKey(ReadOnlyMemory<byte> pkcs8)
    {
        var info = new AsnReader(pkcs8, AsnEncodingRules.DER).ReadSequence();
        info.ReadInteger();
        RequireRsa(info.ReadSequence());
        var key = new AsnReader(info.ReadOctetString(), AsnEncodingRules.DER).ReadSequence();
        if (!key.TryReadInt32(out var version) || version != 0)
        {
            throw new CryptographicException("a key of more than two primes is not supported");
        }

        return new RSAParameters
        {
            Modulus = ReadNumber(key),
            Exponent = ReadNumber(key),
            D = ReadNumber(key),
            P = ReadNumber(key),
            Q = ReadNumber(key),
            DP = ReadNumber(key),
            DQ = ReadNumber(key),
            InverseQ = ReadNumber(key),
        };
    }

    /// <summary>SubjectPublicKeyInfo.</summary>
    /// <exception cref="AsnContentException">It is not that.</exception>
    /// <exception cref="CryptographicException">It is a key of another algorithm.</exception>
    public static RSAParameters ReadPublicKey(ReadOnlyMemory<byte> subjectPublicKeyInfo)
    {
        var info = new AsnReader(subjectPublicKeyInfo, AsnEncodingRules.DER).ReadSequence();
        RequireRsa(info.ReadSequence());
        var key = new AsnReader(info.ReadBitString(out _), AsnEncodingRules.DER).ReadSequence();
        return new RSAParameters { Modulus = ReadNumber(key), Exponent = ReadNumber(key) };
    }

    private static void RequireRsa(AsnReader algorithm)
    {
        if (algorithm.ReadObjectIdentifier() != RsaEncryption)
        {
            throw new CryptographicException("it is not an RSA key");
        }
    }

    private static byte[] ReadNumber(AsnReader reader)
    {
        var number = reader.ReadInteger();
        return number.Sign >= 0 ? number.ToByteArray(isUnsigned: true, isBigEndian: true) : throw new CryptographicException("it holds a negative number");
    }
}
