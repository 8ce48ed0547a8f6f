using System.IO.Compression;
using System.Text;
using Jose;
using Base64Url = System.Buffers.Text.Base64Url;

namespace AuthPlatform.IntegrationTests.Attacks;

/// <summary>Good tokens spelled otherwise, and what is no JWS in compact form at all.</summary>
internal static class HostileSpellings
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    /// <param name="key">Has signed the good token.</param>
    /// <param name="payload">Claims that are good with the header's type.</param>
    /// <param name="type">The type that the platform would write.</param>
    public static IEnumerable<HostileToken> All(PublishedKey key, string payload, string type)
    {
        var good = key.Sign(key.Header(type), payload);
        return [.. Spelled(good), .. Encoded(key, payload, type), .. Encrypted(key, payload), .. Malformed(key, payload, type)];
    }

    private static IEnumerable<HostileToken> Spelled(string good)
    {
        var parts = good.Split('.');
        var (h, p, s) = (parts[0], parts[1], parts[2]);
        // 256 bytes leave four bits of the last character unused: sixteen spellings of one signature.
        var trailing = Alphabet[Alphabet.IndexOf(s[^1], StringComparison.Ordinal) ^ 1];
        string[] others =
        [
            "", ".", "..", "...", "....", h, $"{h}.{p}", $"{h}.{p}.", $".{p}.{s}", $"{h}..{s}", $"..{s}", $"{good}.", $".{good}", $"{good}.{s}", $"{good}.{s}.{s}", $"{good}=", $"{good}==", $"{h}=.{p}.{s}", $"{h}.{p}=.{s}",
            $" {good}", $"{good} ", $"{good}\n", $"{good}\t", $"{h}. {p}.{s}", $"{h}.{p}\n.{s}", $"Bearer {good}", $"\"{good}\"", $"{good},{good}", good + good, $"{h}%2E{p}%2E{s}", $"{h}\uFF0E{p}\uFF0E{s}",
            $"{good}\u200B", $"\uFEFF{good}", $"{good[..^1]}{trailing}", good.ToUpperInvariant(), good.ToLowerInvariant(), $"{h}.{p}.{s.Replace('-', '+').Replace('_', '/')}+", $"rt_{good}", $"{h}.{p}.{s[..^1]}", $"{h}.{p}.{s}A", $"{h}.{p}.{s}AA",
            $$"""{"protected":"{{h}}","payload":"{{p}}","signature":"{{s}}"}""", $$"""{"payload":"{{p}}","signatures":[{"protected":"{{h}}","signature":"{{s}}"}]}""",
            new string('.', 5_000), new string('a', 9_000), new string('a', 50_000), $"{h}.{new string('A', 8_192)}.{s}", $"{h}.{p}.{new string('A', 8_192)}",
        ];
        return others.Where(o => o.Length > 0).Select(o => new HostileToken($"spelled {o[..Math.Min(o.Length, 12)]}… ({o.Length})", o));
    }

    /// <summary>Signed over the very spelling that is presented, so that decoding it leniently would make it good.</summary>
    private static IEnumerable<HostileToken> Encoded(PublishedKey key, string payload, string type)
    {
        // A space more or less, until the length leaves bits unused and calls for padding.
        var header = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Padded(key.Header(type))));
        var claims = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Padded(payload)));
        var noncanonical = (string text) => text[..^1] + Alphabet[Alphabet.IndexOf(text[^1], StringComparison.Ordinal) ^ 1];
        string[] inputs = [$"{header}=.{claims}", $"{header}.{claims}=", $"{noncanonical(header)}.{claims}", $"{header}.{noncanonical(claims)}", $"{header}\n.{claims}", $"{header[..4]} {header[4..]}.{claims}", $"{header}.{claims}\r\n"];
        return inputs.Select(i => new HostileToken($"encoded {i.Length}", key.Sign(i)));

        static string Padded(string json)
        {
            while (Encoding.UTF8.GetByteCount(json) % 3 != 2)
            {
                json = json[..^1] + " }";
            }

            return json;
        }
    }

    private static IEnumerable<HostileToken> Encrypted(PublishedKey key, string payload)
    {
        var claims = JWT.Encode(payload, key.Pair, JweAlgorithm.RSA_OAEP_256, JweEncryption.A256GCM, extraHeaders: new Dictionary<string, object> { ["kid"] = key.Kid, ["typ"] = "at+jwt" });
        yield return new HostileToken("encrypted to our key", claims);
        yield return new HostileToken("encrypted with the public modulus", JWT.Encode(payload, key.Public.Modulus![..32], JweAlgorithm.DIR, JweEncryption.A256GCM, JweCompression.DEF));
        using var bomb = new MemoryStream();
        using (var deflate = new DeflateStream(bomb, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(new byte[4 * 1024 * 1024]);
        }

        (string, byte[])[] headers =
        [
            ("""{"alg":"dir","enc":"A256GCM","zip":"DEF"}""", bomb.ToArray()), ("""{"alg":"PBES2-HS256+A128KW","enc":"A128CBC-HS256","p2s":"AAAAAAAAAAA","p2c":2147483647}""", new byte[32]),
            ($$"""{"alg":"RSA1_5","enc":"A128CBC-HS256","kid":"{{key.Kid}}","typ":"at+jwt"}""", new byte[256]), ("""{"alg":"ECDH-ES","enc":"A256GCM","epk":{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}}""", new byte[16]),
        ];
        foreach (var (header, ciphertext) in headers)
        {
            string[] segments = [Segment(Encoding.UTF8.GetBytes(header)), Segment(new byte[40]), Segment(new byte[12]), Segment(ciphertext), Segment(new byte[16])];
            yield return new HostileToken($"JWE {header}", string.Join('.', segments));
            yield return new HostileToken($"JWE header, three segments {header}", $"{segments[0]}.{segments[3]}.{segments[4]}");
        }

        static string Segment(byte[] bytes) => Base64Url.EncodeToString(bytes);
    }

    /// <summary>Payloads under good signatures that are not one JSON object which everybody reads the same way.</summary>
    private static IEnumerable<HostileToken> Malformed(PublishedKey key, string payload, string type)
    {
        var open = payload[..^1];
        string[] texts =
        [
            "", "[]", "\"x\"", "null", "1", "{", payload + "x", payload + payload, $"[{payload}]", open + ",}", "\ufeff" + payload, "//\n" + payload, $"{open},\"exp\":99999999999}}", $"{{\"sub\":\"x\",{payload[1..]}", $"{open},\"\\u0065xp\":99999999999}}",
            $"{open},\"a\":{{\"b\":1,\"b\":2}}}}", $"{open},\"a\":\"\\u0000\"}}", $"{open},\"a\":\"\\ud800\"}}", $"{open},\"\\udc00\":1}}", $"{open},\"a\":\"\t\"}}", $"{open},\"a\":NaN}}", $"{open},\"a\":01}}", $"{open},\"a\":{new string('[', 16)}{new string(']', 16)}}}",
            $"{open},\"a\":{new string('[', 2_000)}{new string(']', 2_000)}}}", new string('[', 5_000), string.Concat(Enumerable.Repeat("{\"a\":", 1_100)), $"{open},\"a\":{new string('[', 10_000)}{new string(']', 10_000)}}}",
            $"{open},\"a\":\"{new string('x', 8_000)}\"}}", $"{open},\"a\":{new string('9', 40_000)}}}", key.Sign(key.Header(type), payload),
        ];
        byte[][] bytes = [.. texts.Select(Encoding.UTF8.GetBytes), Encoding.Unicode.GetBytes(payload), Encoding.BigEndianUnicode.GetBytes(payload), [.. Encoding.UTF8.GetBytes(open + ",\"a\":\""), 0xc0, 0x80, .. "\"}"u8], Encoding.Latin1.GetBytes(open + ",\"a\":\"é\"}")];
        return bytes.Select(b => new HostileToken($"payload {Encoding.Latin1.GetString(b.AsSpan(Math.Max(0, b.Length - 25)))}", key.Sign(Encoding.UTF8.GetBytes(key.Header(type)), b)));
    }
}
