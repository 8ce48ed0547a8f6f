using System.Globalization;
using System.Security.Cryptography;
using AuthPlatform.Cli.Keys.Transfer;
using AuthPlatform.Contracts;
using AuthPlatform.Contracts.Addresses;
using AuthPlatform.Data.Auth;

namespace AuthPlatform.Cli.Import;

internal sealed record OldApplication(string Place, string ClientId, string Secret, string Name, string[] AllowedIps, string[] Owners);

internal sealed record OldKey(string Place, string ClientId, string KeyId, PemKey Key, DateTimeOffset? ExpiresAt);

/// <summary>What an older deployment has, understood and checked as far as that goes without our own databases.</summary>
internal sealed class OldDeployment
{
    private const string TokenForm = "must be an RS256 token with exactly alg, kid and typ in its header, no padding, no member twice, and exp";

    private static readonly string[] Applications = ["applications", "application", "clients", "client"];
    private static readonly string[] SigningKeys = ["keys", "signing_keys", "rsa_keys", "jwk_keys"];
    private static readonly string[] Tokens = ["tokens", "sessions", "user_tokens"];
    private static readonly string[] TimeFormats = ["yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm:ss.FFFFFF", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    private readonly DateTimeOffset _now;
    private readonly HashSet<(string KeyId, string ClientId)> _pastKeys = [];

    private OldDeployment(DateTimeOffset now) => _now = now;

    public List<OldApplication> AllApplications { get; } = [];

    public List<OldKey> AllKeys { get; } = [];

    public List<OldSession> AllSessions { get; } = [];

    /// <summary>Those that have expired; they are not among the others.</summary>
    public IReadOnlySet<(string KeyId, string ClientId)> PastKeys => _pastKeys;

    public List<string> Failures { get; } = [];

    /// <summary>Keys and tokens that are over, and sign-ins that a newer one has replaced.</summary>
    public int PassedOver { get; private set; }

    /// <summary>Rows of tables that are none of ours.</summary>
    public int Unknown { get; private set; }

    public static OldDeployment Read(OldRows rows, DateTimeOffset now)
    {
        var old = new OldDeployment(now);
        old.Failures.AddRange(rows.Failures);
        foreach (var row in rows.Rows)
        {
            if (Applications.Contains(row.Table))
            {
                old.Try(row, old.AddApplication);
            }
            else if (SigningKeys.Contains(row.Table))
            {
                old.Try(row, old.AddKey);
            }
            else if (Tokens.Contains(row.Table))
            {
                old.Try(row, old.AddSession);
            }
            else
            {
                old.Unknown++;
            }
        }

        old.FindDoubles();
        return old;
    }

    /// <summary>Of a user's sign-ins in one place, as far as their application keeps that, the newest stands.</summary>
    public void ReplaceSessions(Func<OldSession, OldSession> kept)
    {
        var newest = AllSessions.Select(kept).GroupBy(s => (s.ClientId, s.UniqueKey, s.Device, s.Ip)).Select(g => g.MaxBy(s => s.Refresh.IssuedAt)!).ToList();
        PassedOver += AllSessions.Count - newest.Count;
        AllSessions.Clear();
        AllSessions.AddRange(newest);
    }

    /// <summary>Leaves out sessions that are over, and gives how many those are.</summary>
    public int PassOver(Predicate<OldSession> isOver)
    {
        var count = AllSessions.RemoveAll(isOver);
        PassedOver += count;
        return count;
    }

    private void Try(OldRow row, Func<OldRow, string?> add)
    {
        if (add(row) is { } problem)
        {
            Failures.Add($"{row.Place}: {problem}.");
        }
    }

    private string? AddApplication(OldRow row)
    {
        if (Name(row) is not { } clientId)
        {
            return $"client_id must be 1 to {ClientId.MaxLength} letters, digits, '_' or '-'";
        }

        if (row.Find("client_secret", "secret") is not { } secret || !NewCredentials.IsUsableSecret(secret))
        {
            return $"client_secret must be {NewCredentials.MinimumSecretLength} to {NewCredentials.MaximumSecretLength} printable ASCII characters without spaces";
        }

        var addresses = List(row.Find("allowed_ips", "allowed_ip", "ip_whitelist"));
        if (addresses.FirstOrDefault(entry => AddressRange.Parse(entry) is null) is { } wrong)
        {
            return $"allowed_ips has '{wrong}', which is neither an address nor a range";
        }

        if (OldText.Problem(row, "name", "app_name", "client_name", "owners", "owner") is { } misread)
        {
            return misread;
        }

        AllApplications.Add(new OldApplication(row.Place, clientId, secret, row.Find("name", "app_name", "client_name") ?? clientId, addresses, List(row.Find("owners", "owner"))));
        return null;
    }

    private string? AddKey(OldRow row)
    {
        if (Name(row) is not { } clientId)
        {
            return "client_id is missing or no client id";
        }

        if (row.Find("kid", "key_id") is not { } keyId)
        {
            return "kid is missing";
        }

        DateTimeOffset? end = null;
        if (row.Find("expires_at", "expiry", "expired_at") is { } text && (end = Time(text)) is null)
        {
            return "expires_at is no time";
        }

        if (end <= _now)
        {
            PassedOver++;
            _pastKeys.Add((keyId, clientId));
            return null;
        }

        if (KeyImport.ProblemOfName(keyId) is { } misnamed)
        {
            return misnamed.TrimEnd('.');
        }

        if (row.Find("private_key", "public_key") is not { } pem)
        {
            return "private_key (or public_key) is missing";
        }

        var (key, problems) = PemKey.Read(AsPkcs8(pem), null);
        if (key is null)
        {
            return $"the key '{keyId}': {string.Join(' ', problems).TrimEnd('.')}";
        }

        AllKeys.Add(new OldKey(row.Place, clientId, keyId, key, end));
        return null;
    }

    private string? AddSession(OldRow row)
    {
        if (Name(row) is not { } clientId)
        {
            return "client_id is missing or no client id";
        }

        if (row.FindExact("unique_key") is not { } uniqueKey || !IsText(uniqueKey, SessionLimits.UniqueKey))
        {
            return $"unique_key must have 1 to {SessionLimits.UniqueKey} characters, none of them U+0000";
        }

        if (row.Find("access_token") is not { } access || OldToken.Read(access) is not { } accessToken)
        {
            return $"access_token {TokenForm}";
        }

        if (row.Find("refresh_token") is not { } refresh || OldToken.Read(refresh) is not { } refreshToken)
        {
            return $"refresh_token {TokenForm}";
        }

        var device = row.FindExact("device", "user_agent") ?? "";
        var ip = row.Find("ip", "ip_address") ?? "";
        if (!IsText(device, SessionLimits.Device) || (ip.Length > 0 && IpAddressText.Canonical(ip) is null))
        {
            return $"device must have at most {SessionLimits.Device} characters, none of them U+0000, and ip must be an address or empty";
        }

        if (refreshToken.ExpiresAt <= _now)
        {
            PassedOver++;
            return null;
        }

        if (OldText.Problem(row, "unique_key", row.FindExact("device") is null ? "user_agent" : "device") is { } misread)
        {
            return misread;
        }

        // What was exported in another character set can be valid text all the same, and then be nobody's name or somebody else's.
        if ((accessToken.UniqueKey ?? uniqueKey) != uniqueKey || (refreshToken.UniqueKey ?? uniqueKey) != uniqueKey)
        {
            return $"unique_key is not the user whom the claim unique_key of its tokens names; if the export has changed it, {OldText.HowToExport}";
        }

        AllSessions.Add(new OldSession(row.Place, clientId, uniqueKey, device, ip.Length == 0 ? ip : IpAddressText.Canonical(ip)!, access, accessToken, refresh, refreshToken));
        return null;
    }

    /// <summary>Applications and keys have one name each.</summary>
    private void FindDoubles()
    {
        Failures.AddRange(AllApplications.GroupBy(a => a.ClientId).SelectMany(g => g.Skip(1)).Select(a => $"{a.Place}: the application '{a.ClientId}' is there twice."));
        Failures.AddRange(AllKeys.GroupBy(k => k.KeyId).SelectMany(g => g.Skip(1)).Select(k => $"{k.Place}: the key '{k.KeyId}' is there twice."));
    }

    private static string? Name(OldRow row) => row.Find("client_id") is { } name && ClientId.IsWellFormed(name) ? name : null;

    /// <summary>PostgreSQL takes no U+0000, and would say so when the keys are written already.</summary>
    private static bool IsText(string text, int most) => SessionLimits.Characters(text) <= most && !text.Contains('\0');

    private static string[] List(string? text) =>
        text is null ? [] : [.. text.Trim('[', ']').Split([',', ';', '\n', '\r'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(entry => entry.Trim('"')).Distinct()];

    private static DateTimeOffset? Time(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and < 99_999_999_999 ? DateTimeOffset.FromUnixTimeSeconds(seconds)
        : DateTimeOffset.TryParseExact(text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time
        : null;

    /// <summary>OpenSSL's older form has the same numbers.</summary>
    private static string AsPkcs8(string pem)
    {
        // Exports write the ends of lines in many ways.
        var text = pem.Replace("\\n", "\n", StringComparison.Ordinal);
        if (!text.Contains("-----BEGIN RSA PRIVATE KEY-----", StringComparison.Ordinal))
        {
            return text;
        }

        try
        {
            using var rsa = RSA.Create();
            rsa.ImportFromPem(text);
            return rsa.ExportPkcs8PrivateKeyPem();
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            return "";
        }
    }
}
