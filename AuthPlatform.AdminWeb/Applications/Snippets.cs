namespace AuthPlatform.AdminWeb.Applications;

/// <summary>
/// Programs that get a token as they stand here: standard tools and libraries only, with the application's own id and secret. None of them gives the secret to a program as an
/// argument, which everybody on the machine could read.
/// </summary>
internal static class Snippets
{
    /// <param name="publicUrl">Where clients reach the platform. A path in it begins what they ask for, and is signed with the rest.</param>
    /// <param name="clientId">The application.</param>
    /// <param name="secret">One of its secrets.</param>
    public static IReadOnlyList<(string Id, string Title, string Text)> For(Uri publicUrl, string clientId, string secret)
    {
        var endpoint = new Uri($"{publicUrl.GetLeftPart(UriPartial.Path).TrimEnd('/')}/auth/token");
        return
        [
            ("curl", "curl", Curl(endpoint, clientId, secret)),
            ("python", "Python", Python(endpoint, clientId, secret)),
            ("csharp", "C#", CSharp(endpoint, clientId, secret)),
        ];
    }

    private static string Curl(Uri endpoint, string clientId, string secret) =>
        $$"""
        AUTHPLATFORM_CLIENT_ID='{{clientId}}'
        export AUTHPLATFORM_CLIENT_SECRET='{{secret}}'
        BODY='{"unique_key":"user-1","device":"first try"}'
        TIMESTAMP=$(date +%s)
        NONCE=$(openssl rand -hex 16)
        HASH=$(printf '%s' "$BODY" | openssl dgst -sha256 -r | cut -d' ' -f1)
        SIGNATURE=$(printf 'AUTH-HMAC-SHA256-V2\nPOST\n%s\n\n%s\n%s\n%s\n%s' \
          '{{endpoint.AbsolutePath}}' "$TIMESTAMP" "$NONCE" "$AUTHPLATFORM_CLIENT_ID" "$HASH" | python3 -c '
        import base64, hashlib, hmac, os, sys
        key, text = os.environ["AUTHPLATFORM_CLIENT_SECRET"].encode(), sys.stdin.buffer.read()
        print(base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode())')
        curl -sS '{{endpoint.AbsoluteUri}}' -H 'Content-Type: application/json' \
          -H "X-Client-Id: $AUTHPLATFORM_CLIENT_ID" -H "X-Timestamp: $TIMESTAMP" -H "X-Nonce: $NONCE" \
          -H "X-Signature: v2=$SIGNATURE" -d "$BODY"
        """;

    private static string Python(Uri endpoint, string clientId, string secret) =>
        $$"""
        import base64, hashlib, hmac, json, secrets, time, urllib.request

        client_id = "{{clientId}}"
        client_secret = "{{secret}}"
        body = json.dumps({"unique_key": "user-1", "device": "first try"}).encode()
        timestamp, nonce = str(int(time.time())), secrets.token_hex(16)
        text = "\n".join(["AUTH-HMAC-SHA256-V2", "POST", "{{endpoint.AbsolutePath}}", "", timestamp, nonce,
                          client_id, hashlib.sha256(body).hexdigest()])
        signature = base64.b64encode(hmac.new(client_secret.encode(), text.encode(), hashlib.sha256).digest()).decode()
        request = urllib.request.Request("{{endpoint.AbsoluteUri}}", body, {
            "Content-Type": "application/json", "X-Client-Id": client_id, "X-Timestamp": timestamp,
            "X-Nonce": nonce, "X-Signature": "v2=" + signature})
        print(urllib.request.urlopen(request).read().decode())
        """;

    private static string CSharp(Uri endpoint, string clientId, string secret) =>
        $$"""""
        using System.Net.Http.Headers;
        using System.Security.Cryptography;
        using System.Text;

        var clientId = "{{clientId}}";
        var clientSecret = "{{secret}}";
        var body = Encoding.UTF8.GetBytes("""{"unique_key":"user-1","device":"first try"}""");
        var timestamp = DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString();
        var nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var text = string.Join('\n', "AUTH-HMAC-SHA256-V2", "POST", "{{endpoint.AbsolutePath}}", "", timestamp, nonce,
            clientId, Convert.ToHexStringLower(SHA256.HashData(body)));
        var signature = Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(clientSecret), Encoding.UTF8.GetBytes(text)));

        using var http = new HttpClient();
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "{{endpoint.AbsoluteUri}}") { Content = content };
        request.Headers.Add("X-Client-Id", clientId);
        request.Headers.Add("X-Timestamp", timestamp);
        request.Headers.Add("X-Nonce", nonce);
        request.Headers.Add("X-Signature", "v2=" + signature);
        using var response = await http.SendAsync(request);
        Console.WriteLine(await response.Content.ReadAsStringAsync());
        """"";
}
