using System.Text.Json.Nodes;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Attacks;

/// <summary>Claims that the platform never writes, under good headers and signatures: as if somebody had talked the Key Manager into signing them.</summary>
internal static class HostileClaims
{
    /// <summary>No date that JSON could hold and we would write.</summary>
    private static readonly string[] NoTimes =
    [
        "null", "true", "\"\"", "[]", "{}", "-1", "-9223372036854775808", "1e308", "-1e308", "1e400", "1e9", "9223372036854775807", "9223372036854775808", "18446744073709551616", "253402300800", "99999999999999", "0.1", "1.7976931348623157e308",
    ];

    /// <param name="key">Signs all of them.</param>
    /// <param name="payload">Claims that are good with the header's type.</param>
    /// <param name="type">The header's type.</param>
    /// <param name="other">Another application.</param>
    /// <param name="trap">An address that nobody must ask.</param>
    public static IEnumerable<HostileToken> All(PublishedKey key, string payload, string type, TestApplication other, Uri trap)
    {
        var good = JsonNode.Parse(payload)!;
        var (now, exp, nbf) = (SignedRequests.Now(), (long)good["exp"]!, (long)good["nbf"]!);
        var (sid, iss, aud, own) = ((string)good["sid"]!, (string)good["iss"]!, (string)good["aud"]!, (string)good["client_id"]!);
        var use = (string)good["typ"]! == "access" ? "refresh" : "access";
        (string Claim, string?[] Values)[] cases =
        [
            ("exp", [.. NoTimes, null, $"\"{exp}\"", $"{exp}.5", $"{exp}.0", $"{exp}e0", $"[{exp}]", $"{nbf}", $"{nbf - 1}", "0"]),
            ("nbf", [.. NoTimes, null, $"\"{nbf}\"", $"{nbf}.5", $"{nbf}.0", $"[{nbf}]", $"{exp}", $"{exp + 1}", $"{now + 120}"]),
            ("iat", [.. NoTimes, null, $"\"{nbf}\"", $"{nbf}.5", $"[{nbf}]", $"{now + 120}", $"{now + 100_000_000}"]),
            ("aud", [null, "null", "1", "{}", "[]", "[[]]", $"[[\"{aud}\"]]", $"\"{other.ClientId}\"", $"[\"{other.ClientId}\"]", $"\"{aud} \"", $"\"{aud}/\"", $"\"{aud.ToUpperInvariant()}\"", $"\"{trap}\"", "\"\"", "\"*\""]),
            ("iss", [null, "null", "1", "{}", $"[\"{iss}\"]", $"\"{iss.Replace(own, other.ClientId, StringComparison.Ordinal)}\"", $"\"{trap}\"", $"\"{trap}auth/{own}\"", $"\"{iss}/\"", $"\"{iss}#\"", $"\"{iss.ToUpperInvariant()}\"", "\"\""]),
            ("client_id", [null, "null", "1", "{}", $"[\"{own}\"]", $"\"{other.ClientId}\"", $"\"{own} \"", $"\"{own.ToUpperInvariant()}\"", "\"\"", "\"__proto__\""]),
            ("sid", [null, "null", "1", "{}", $"[\"{sid}\"]", "\"\"", "\"x\"", $"\"{{{sid}}}\"", $"\"{sid.Replace("-", "", StringComparison.Ordinal)}\"", $"\" {sid}\"", $"\"{sid.ToUpperInvariant()}\""]),
            ("gen", [null, "null", "true", "\"0\"", "[0]", "{}", "-1", "0.5", "0.0", "0e0", "1e308", "2147483648", "-2147483649", "18446744073709551616"]),
        ];
        foreach (var (claim, values) in cases)
        {
            foreach (var value in values)
            {
                yield return Signed($"{claim}: {value ?? "absent"}", With(payload, (claim, value)));
            }
        }

        foreach (var value in (string?[])[null, "null", "1", "[\"access\"]", "{}", $"\"{use}\"", "\"ACCESS\"", "\"id\"", "\"\"", "\"access \""])
        {
            yield return Signed($"typ: {value ?? "absent"}", With(payload, ("typ", value))) with { Detail = HostileToken.WrongType };
        }

        // One without a session is revoked by its own id, which must not come in by way of a session id that is none.
        yield return Signed("no session", With(payload, ("sid", "null"), ("jti", $"\"{sid}\"")));
        yield return Signed("all of the other's", With(payload, ("client_id", $"\"{other.ClientId}\""), ("aud", $"\"{other.ClientId}\""), ("iss", $"\"{iss.Replace(own, other.ClientId, StringComparison.Ordinal)}\"")));

        HostileToken Signed(string name, string claims) => new(name, key.Sign(key.Header(type), claims));
    }

    /// <summary>The claims with other values, as JSON text; null takes one out.</summary>
    public static string With(string payload, params (string Claim, string? Value)[] changes)
    {
        var members = JsonNode.Parse(payload)!.AsObject().ToDictionary(m => m.Key, m => m.Value?.ToJsonString() ?? "null");
        foreach (var (claim, value) in changes)
        {
            members.Remove(claim);
            if (value is not null)
            {
                members.Add(claim, value);
            }
        }

        return "{" + string.Join(',', members.Select(m => $"\"{m.Key}\":{m.Value}")) + "}";
    }
}
