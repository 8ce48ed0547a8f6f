using System.Net.Http.Json;
using System.Text.Json;
using SigningClient;

// A token from a signed request, verified and refreshed. The settings are those of samples/python/quickstart.py; docs/protocol.md shows how to start it.
var gateway = new Uri(Environment.GetEnvironmentVariable("GATEWAY_URL") ?? "http://localhost:8080");
var clientId = Environment.GetEnvironmentVariable("AUTHPLATFORM_CLIENT_ID") ?? "quickstart";
if (Environment.GetEnvironmentVariable("AUTHPLATFORM_CLIENT_SECRET") is not { Length: > 0 } secret)
{
    Console.Error.WriteLine("No secret: set AUTHPLATFORM_CLIENT_SECRET.");
    return 1;
}

// A proxy of the environment is for other machines: what it calls localhost is itself.
var connections = new SocketsHttpHandler { UseProxy = !gateway.IsLoopback };
using var http = new HttpClient(new SigningHandler(clientId, secret, TimeProvider.System) { InnerHandler = connections })
{
    // The path of a public address that has one stays in front of what is asked for.
    BaseAddress = new Uri($"{gateway.AbsoluteUri.TrimEnd('/')}/"),
};

var issued = await PostAsync("auth/token", new { unique_key = "quickstart-user", device = "quickstart", ip = "203.0.113.7" });
var verified = await PostAsync("auth/verify", new { token = Text(issued, "access_token") });
Console.WriteLine($"token issued and verified, signed by {Text(verified, "kid")}, good for {Text(verified, "expires_in")} s: {Text(verified, "payload")}");
var refreshed = await PostAsync("auth/refresh", new { token = Text(issued, "refresh_token") });
Console.WriteLine($"refreshed: the same session {Text(refreshed, "session_id")}, new tokens");
var revoked = await PostAsync("auth/revoke", new { token = Text(refreshed, "access_token") });
Console.WriteLine($"revoked: {Text(revoked, "deleted_count")} session");
return 0;

async Task<JsonElement> PostAsync(string path, object members)
{
    using var answer = await http.PostAsJsonAsync(path, members);
    var text = await answer.Content.ReadAsStringAsync();
    return answer.IsSuccessStatusCode ? JsonElement.Parse(text) : throw new HttpRequestException($"{path} answered {(int)answer.StatusCode}: {text}");
}

static string Text(JsonElement answer, string name) => answer.GetProperty(name).ToString();
