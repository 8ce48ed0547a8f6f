using System.Buffers.Text;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;

namespace AuthPlatform.IntegrationTests.Attacks;

/// <summary>Good headers and claims under signatures that are none, or nearly one.</summary>
internal static class HostileSignatures
{
    /// <param name="key">The key whose signature each of them pretends to have.</param>
    /// <param name="payload">Claims that are good with the header's type.</param>
    /// <param name="type">The type that the platform would write.</param>
    /// <param name="jwks">The published keys, as anybody can read them.</param>
    public static IEnumerable<HostileToken> All(PublishedKey key, string payload, string type, string jwks) =>
    [
        .. Altered(key, key.Sign(key.Header(type), payload)),
        .. Padded(key, Input(key.Header(type), payload)),
        .. Confused(key, payload, type, jwks),
    ];

    private static IEnumerable<HostileToken> Altered(PublishedKey key, string good)
    {
        var input = good[..good.LastIndexOf('.')];
        var signature = Base64Url.DecodeFromChars(good.AsSpan(input.Length + 1));
        var modulus = key.Public.Modulus!;
        var (bytes, hash) = (Encoding.ASCII.GetBytes(input), SHA256.HashData(Encoding.ASCII.GetBytes(input)));
        (string, byte[])[] others =
        [
            ("empty", []), ("one byte", [0]), ("truncated", signature[..^1]), ("half", signature[..128]), ("zeros", new byte[256]), ("ones", [.. Enumerable.Repeat((byte)255, 256)]), ("number one", [.. new byte[255], 1]),
            ("n", modulus), ("n - 1", (PublishedKey.Number(modulus) - 1).ToByteArray(true, true)), ("s + n", (PublishedKey.Number(signature) + PublishedKey.Number(modulus)).ToByteArray(true, true)),
            ("n - s", (PublishedKey.Number(modulus) - PublishedKey.Number(signature)).ToByteArray(true, true)), ("leading zero", [0, .. signature]), ("trailing zero", [.. signature, 0]), ("twice", [.. signature, .. signature]),
            ("first bit", [(byte)(signature[0] ^ 0x80), .. signature[1..]]), ("last bit", [.. signature[..^1], (byte)(signature[^1] ^ 1)]), ("reversed", [.. signature.Reverse()]), ("the hash", hash),
            ("ECDSA r = s = 0", new byte[64]), ("ECDSA r = s = 0 in DER", [0x30, 6, 2, 1, 0, 2, 1, 0]),
            ("SHA-1", key.Pair.SignData(bytes, HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1)), ("SHA-384", key.Pair.SignData(bytes, HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1)),
            ("SHA-512", key.Pair.SignData(bytes, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1)), ("PSS", key.Pair.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pss)),
            ("of the hash's hash", key.Pair.SignData(hash, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)), ("of other claims", key.Pair.SignData(bytes.AsSpan(0, bytes.Length - 1), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
        ];
        return others.Select(o => new HostileToken($"signature: {o.Item1}", $"{input}.{Base64Url.EncodeToString(o.Item2)}"));
    }

    /// <summary>Blocks that a lenient check of the padding takes (Bleichenbacher 2006 and its successors), each signed with the real key.</summary>
    private static IEnumerable<HostileToken> Padded(PublishedKey key, string input)
    {
        var info = DigestInfo(SHA256.HashData(Encoding.ASCII.GetBytes(input)), withNull: true);
        var bare = DigestInfo(SHA256.HashData(Encoding.ASCII.GetBytes(input)), withNull: false);
        var fill = 256 - 3 - info.Length;
        Assert.Equal(Signed([0, 1, .. Ones(fill), 0, .. info]), key.Sign(input));
        (string, byte[])[] blocks =
        [
            ("garbage after the hash", [0, 1, .. Ones(8), 0, .. info, .. new byte[fill - 8]]), ("garbage before the hash", [0, 1, .. Ones(8), 0, .. new byte[fill - 8], .. info]), ("block type 0", [0, 0, .. new byte[fill], 0, .. info]),
            ("block type 2", [0, 2, .. Ones(fill), 0, .. info]), ("padding of other bytes", [0, 1, .. Enumerable.Repeat((byte)0xfe, fill), 0, .. info]), ("no separator", [0, 1, .. Ones(fill + 1), .. info]),
            ("no parameters", [0, 1, .. Ones(fill + 2), 0, .. bare]), ("bare hash", [0, 1, .. Ones(256 - 3 - 32), 0, .. info[^32..]]),
        ];
        return blocks.Select(b => new HostileToken($"padding: {b.Item1}", Signed(b.Item2)));

        string Signed(byte[] block) => $"{input}.{Base64Url.EncodeToString(key.SignRaw(block))}";
        static IEnumerable<byte> Ones(int count) => Enumerable.Repeat((byte)255, count);
    }

    /// <summary>The public key, which everybody has, taken for the secret of an HMAC.</summary>
    private static IEnumerable<HostileToken> Confused(PublishedKey key, string payload, string type, string jwks)
    {
        var (modulus, spki, pkcs1) = (key.Public.Modulus!, key.Pair.ExportSubjectPublicKeyInfoPem(), key.Pair.ExportRSAPublicKeyPem());
        var n = Base64Url.EncodeToString(modulus);
        var published = jwks[jwks.LastIndexOf('{', jwks.IndexOf(key.Kid, StringComparison.Ordinal))..];
        published = published[..(published.IndexOf('}', StringComparison.Ordinal) + 1)];
        (string, byte[])[] secrets =
        [
            .. new (string, string)[] { ("SPKI PEM", spki), ("PKCS#1 PEM", pkcs1), ("n as text", n), ("kid", key.Kid), ("JWK", published), ("JWK thumbprint form", $$"""{"e":"AQAB","kty":"RSA","n":"{{n}}"}"""), ("JWKS", jwks) }
                .SelectMany(s => new[] { s, ($"{s.Item1} and newline", s.Item2 + "\n"), ($"{s.Item1} with CRLF", s.Item2.ReplaceLineEndings("\r\n") + "\r\n") })
                .Select(s => (s.Item1, Encoding.UTF8.GetBytes(s.Item2))),
            ("SPKI DER", key.Pair.ExportSubjectPublicKeyInfo()), ("PKCS#1 DER", key.Pair.ExportRSAPublicKey()), ("n", modulus), ("n with leading zero", [0, .. modulus]), ("nothing", []),
        ];
        foreach (var (name, secret) in secrets)
        {
            foreach (var algorithm in (string[])["HS256", "RS256"])
            {
                var input = Input($$"""{"alg":"{{algorithm}}","kid":"{{key.Kid}}","typ":"{{type}}"}""", payload);
                yield return new HostileToken($"{algorithm} by HMAC with {name}", $"{input}.{Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(input)))}");
            }
        }
    }

    private static string Input(string header, string payload) => $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload))}";

    private static byte[] DigestInfo(byte[] hash, bool withNull)
    {
        var asn = new AsnWriter(AsnEncodingRules.DER);
        using (asn.PushSequence())
        {
            using (asn.PushSequence())
            {
                asn.WriteObjectIdentifier("2.16.840.1.101.3.4.2.1");
                if (withNull)
                {
                    asn.WriteNull();
                }
            }

            asn.WriteOctetString(hash);
        }

        return asn.Encode();
    }
}
