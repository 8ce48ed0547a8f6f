using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Cli;

/// <summary>What the service before this one leaves behind: one application, its key, tokens of its users, and the files that it is exported to.</summary>
internal sealed class OldDeployment(AuthPlatformFixture platform) : IDisposable
{
    /// <summary>The same for all of them, as none meets another: to make one takes a processor a tenth of a second, or many.</summary>
    private static readonly Lazy<byte[]> Pkcs8 = new(MakeKey);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("import");
    private readonly RSA _key = CreateKey();

    public TestApplication Application { get; } = new(SignedRequests.Nonce()[..10], Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));

    public string Kid { get; } = "20240131-" + SignedRequests.Nonce()[..20];

    public string Pem => _key.ExportRSAPrivateKeyPem();

    /// <summary>As most exports write it.</summary>
    public string PemInOneLine => Pem.ReplaceLineEndings("\\n");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _key.Dispose();
        _directory.Delete(recursive: true);
    }

    public string Token(string type, int seconds, int age = 60, string? kid = null, string headerType = ",\"typ\":\"JWT\"", string user = "old user")
    {
        var now = SignedRequests.Now();
        var signed = Encoded($$"""{"alg":"RS256","kid":"{{kid ?? Kid}}"{{headerType}}}""") + "."
            + Encoded($$"""{"sub":"{{Application.ClientId}}","unique_key":"{{user}}","typ":"{{type}}","iat":{{now - age}},"exp":{{now + seconds}},"nonce":"{{SignedRequests.Nonce()}}"}""");
        return signed + "." + Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    public object Row(string user, string access, string refresh, TestApplication? application = null, string device = "phone", string ip = "2001:DB8::1") =>
        new { client_id = (application ?? Application).ClientId, unique_key = user, device, ip, access_token = access, refresh_token = refresh };

    public string Write(string name, string text) => Write(name, text, new UTF8Encoding());

    public string Write(string name, string text, Encoding encoding)
    {
        var path = Path.Combine(_directory.FullName, name);
        File.WriteAllText(path, text, encoding);
        return path;
    }

    /// <summary>A file of that length with nothing in it.</summary>
    public string WriteNothing(string name, long length)
    {
        var path = Write(name, "");
        using var file = new FileStream(path, FileMode.Open);
        file.SetLength(length);
        return path;
    }

    public string WriteClients(params TestApplication[] applications) =>
        Write("clients.csv", string.Concat(applications.Select(a => $"{a.ClientId},{a.Secret}\n").Prepend("client_id,client_secret\n")));

    public string WriteKeys() => Write("keys.csv", $"client_id,kid,private_key\n{Application.ClientId},{Kid},\"{Pem}\"\n");

    /// <summary>A sign-in in another place for each of these refresh tokens.</summary>
    public string WriteSessions(IEnumerable<string> refreshTokens)
    {
        var access = Token("access", 600);
        return Write("tokens.json", JsonSerializer.Serialize(refreshTokens.Select((refresh, i) => Row("old user", access, refresh, device: $"phone {i}"))));
    }

    /// <summary>All of it: the application as a dump, its key, a session, and one that is over.</summary>
    public string[] WriteFiles(string access, string refresh, string expired) =>
    [
        Write(
            "old.sql",
            $"CREATE TABLE `clients` (`id` int, `client_id` varchar(10), `client_secret` varchar(64));\nINSERT INTO `clients` VALUES (1,'{Application.ClientId}','{Application.Secret}');"),
        WriteKeys(),
        WriteTokens(access, refresh, expired),
    ];

    /// <summary>The last of these alone: to check a key takes long, and it has been checked when it was brought.</summary>
    public string WriteTokens(string access, string refresh, string expired) =>
        Write("tokens.json", JsonSerializer.Serialize(new[] { Row("old user", access, refresh), Row("somebody", access, expired) }));

    public async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) =>
        await RunAsync(await platform.OperatorEnvironmentAsync(Cancellation), arguments);

    public static Task<(int ExitCode, string Output, string Error)> RunAsync(Dictionary<string, string> settings, params string[] arguments) =>
        OperatorCli.RunAsync(settings, Cancellation, ["import", .. arguments, "--json"]);

    public async Task<(int Applications, int Keys, int Sessions, int PassedOver)> ImportAsync(params string[] arguments) =>
        await ImportAsync(await platform.OperatorEnvironmentAsync(Cancellation), arguments);

    public static async Task<(int Applications, int Keys, int Sessions, int PassedOver)> ImportAsync(Dictionary<string, string> settings, params string[] arguments)
    {
        var (exitCode, output, error) = await RunAsync(settings, arguments);
        Assert.True(exitCode == 0, error);
        var counts = JsonElement.Parse(output);
        return (counts.GetProperty("applications").GetInt32(), counts.GetProperty("keys").GetInt32(), counts.GetProperty("sessions").GetInt32(), counts.GetProperty("passed_over").GetInt32());
    }

    private static RSA CreateKey()
    {
        var key = RSA.Create();
        key.ImportPkcs8PrivateKey(Pkcs8.Value, out _);
        return key;
    }

    private static byte[] MakeKey()
    {
        using var made = RSA.Create(2048);
        return made.ExportPkcs8PrivateKey();
    }

    private static string Encoded(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
