using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace AuthPlatform.IntegrationTests.Attacks;

/// <summary>Headers that the platform never writes, under good signatures over good claims (RFC 8725 §2, §3).</summary>
internal static class HostileHeaders
{
    private static readonly string[] Algorithms =
    [
        "\"none\"", "\"None\"", "\"nOnE\"", "\"NONE\"", "\"\"", "null", "[\"RS256\"]", "[\"none\"]", "{\"RS256\":1}", "256", "true", "\"HS256\"", "\"HS384\"", "\"HS512\"", "\"RS384\"", "\"RS512\"",
        "\"PS256\"", "\"PS384\"", "\"PS512\"", "\"ES256\"", "\"ES384\"", "\"ES512\"", "\"ES256K\"", "\"EdDSA\"", "\"rs256\"", "\"RS256 \"", "\"RS256\\u0000\"", "\"RSA-OAEP\"", "\"dir\"",
        "\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"",
    ];

    private static readonly string[] Types =
    [
        "JWT", "id+jwt", "dpop+jwt", "logout+jwt", "secevent+jwt", "JOSE", "JWE", "AT+JWT", "application/at+jwt", "RT+JWT", "application/rt+jwt", "at+jwt ", "",
    ];

    /// <param name="key">Signs all of them.</param>
    /// <param name="payload">Claims that are good with the header's type.</param>
    /// <param name="type">The type that the platform would write.</param>
    /// <param name="foreignKid">A key of another application.</param>
    /// <param name="trap">An address that nobody must ask.</param>
    public static IEnumerable<HostileToken> All(PublishedKey key, string payload, string type, string foreignKid, Uri trap)
    {
        var (kid, rest) = (key.Kid, $"\"kid\":\"{key.Kid}\",\"typ\":\"{type}\"");
        foreach (var algorithm in Algorithms)
        {
            yield return Signed($"alg {algorithm}", $$"""{"alg":{{algorithm}},{{rest}}}""");
        }

        yield return Signed("alg absent", "{" + rest + "}");
        foreach (var none in (string[])["none", "None", "nOnE", "NONE", ""])
        {
            var token = Signed($"alg {none}, unsigned", $$"""{"alg":"{{none}}",{{rest}}}""");
            yield return token with { Token = token.Token[..(token.Token.LastIndexOf('.') + 1)] };
        }

        foreach (var name in (string[])["alg", "kid", "typ"])
        {
            yield return Signed($"{name} twice, good first", $$"""{"alg":"RS256",{{rest}},"{{name}}":"none"}""");
            yield return Signed($"{name} twice, good last", $$"""{"{{name}}":"none","alg":"RS256",{{rest}}}""");
            yield return Signed($"{name} twice, once escaped", $$"""{"alg":"RS256",{{rest}},"\u{{(int)name[0]:x4}}{{name[1..]}}":"none"}""");
        }

        string[] kids =
        [
            "\"../../../../dev/null\"", "\"' OR '1'='1\"", $"\"{kid}' --\"", $"\"{kid}\\u0000\"", $"\"{kid}\\r\\nX-Injected: 1\"", $"[\"{kid}\"]", "7", "null", "{}", "\"\"", $"\"{kid} \"", $"\" {kid}\"",
            $"\"{kid.ToUpperInvariant()}\"", "\"%2e%2e%2f\"", "\"file:///etc/passwd\"", $"\"{trap}\"", "\"\\ud800\"", $"\"{foreignKid}\"", $"\"{new string('k', 65)}\"", $"\"{new string('k', 40_000)}\"", "\"__proto__\"",
        ];
        foreach (var value in kids)
        {
            yield return Signed($"kid {value}", $$"""{"alg":"RS256","kid":{{value}},"typ":"{{type}}"}""");
        }

        yield return Signed("kid absent", $$"""{"alg":"RS256","typ":"{{type}}"}""");
        foreach (var value in Types.Append(type == "at+jwt" ? "rt+jwt" : "at+jwt"))
        {
            yield return Signed($"typ {value}", $$"""{"alg":"RS256","kid":"{{kid}}","typ":"{{value}}"}""") with { Detail = HostileToken.WrongType };
        }

        foreach (var value in (string[])["null", $"[\"{type}\"]", "1"])
        {
            yield return Signed($"typ {value}", $$"""{"alg":"RS256","kid":"{{kid}}","typ":{{value}}}""");
        }

        yield return Signed("typ absent", $$"""{"alg":"RS256","kid":"{{kid}}"}""");
        foreach (var more in Members(trap))
        {
            yield return Signed(more, $$"""{"alg":"RS256",{{rest}},{{more}}}""");
        }

        foreach (var header in Malformed(key.Header(type)))
        {
            yield return new HostileToken($"header {Convert.ToHexString(header.AsSpan(0, Math.Min(header.Length, 20)))}", key.Sign(header, Encoding.UTF8.GetBytes(payload)));
        }

        foreach (var token in WithAttackersKey(kid, payload, type, trap))
        {
            yield return token;
        }

        HostileToken Signed(string name, string header) => new(name, key.Sign(header, payload));
    }

    private static string[] Members(Uri trap) =>
    [
        $"\"jku\":\"{trap}\"", $"\"x5u\":\"{trap}\"", $"\"url\":\"{trap}\"", $"\"iss\":\"{trap}\"", "\"x5c\":[\"MIIB\"]", "\"x5t\":\"AAAA\"", "\"x5t#S256\":\"AAAA\"", "\"jwk\":{\"kty\":\"RSA\"}", "\"crit\":[\"exp\"]",
        "\"crit\":[]", "\"crit\":[\"b64\"],\"b64\":false", "\"b64\":false", "\"b64\":true", "\"zip\":\"DEF\"", "\"cty\":\"JWT\"", "\"enc\":\"A256GCM\"", "\"p2c\":2147483647", "\"epk\":{}", "\"nonce\":\"x\"",
        "\"__proto__\":{\"alg\":\"none\"}", "\"x\":1", "\"x\":\"1\"",
    ];

    private static IEnumerable<byte[]> Malformed(string good)
    {
        string[] texts =
        [
            "", " ", "[]", "\"x\"", "null", "{", good + "x", good + good, good[..^1] + ",}", "//\n" + good, "\ufeff" + good, good.Replace('"', '\''), good.Replace("\"RS256\"", "RS256"), good.Replace("RS256", "RS256\0"),
            string.Concat(Enumerable.Repeat("{\"a\":", 2_000)), new string('[', 10_000), new string('[', 5_000), good[..^1] + ",\"a\":" + new string('[', 17) + new string(']', 17) + "}",
        ];
        return [.. texts.Select(Encoding.UTF8.GetBytes), Encoding.Unicode.GetBytes(good), Encoding.BigEndianUnicode.GetBytes(good), [.. Encoding.UTF8.GetBytes(good[..^1]), 0xff, 0x7d]];
    }

    /// <summary>The token brings its own key, or says where to fetch it (CVE-2018-0114).</summary>
    private static IEnumerable<HostileToken> WithAttackersKey(string kid, string payload, string type, Uri trap)
    {
        using var pair = RSA.Create(2048);
        var key = pair.ExportParameters(includePrivateParameters: false);
        var jwk = $$"""{"kty":"RSA","use":"sig","alg":"RS256","kid":"evil","n":"{{Base64Url.EncodeToString(key.Modulus)}}","e":"AQAB"}""";
        foreach (var name in (string[])[kid, "evil"])
        {
            foreach (var more in (string[])["", $",\"jwk\":{jwk}", $",\"jku\":\"{trap}\"", $",\"x5u\":\"{trap}\""])
            {
                var header = $$"""{"alg":"RS256","kid":"{{name}}","typ":"{{type}}"{{more}}}""";
                var input = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload))}";
                var signature = pair.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
                yield return new HostileToken($"signed by a stranger {(more.Length == 0 ? "" : more[..6])}", $"{input}.{Base64Url.EncodeToString(signature)}");
            }
        }
    }
}
