using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Gateway;

/// <summary>Services whose public address has a path, one of each, on the data of the running platform. A proxy in front of them would end TLS, and pass on the path as it is.</summary>
public sealed class PrefixedPlatform(AuthPlatformFixture platform) : IAsyncLifetime
{
    public const string PublicUrl = "https://example.com/id";

    private RunningService? _keyManager;
    private RunningService? _tokenApi;
    private RunningService? _gateway;

    public TestApplication Application { get; private set; } = null!;

    public HttpClient Gateway => _gateway!.Http;

    public HttpClient KeyManager => _keyManager!.Http;

    public async ValueTask InitializeAsync()
    {
        var cancellation = TestContext.Current.CancellationToken;
        Application = await platform.CreateApplicationAsync(_ => { }, cancellation);
        var settings = new Dictionary<string, string>(await platform.TokenApiEnvironmentAsync(cancellation)) { ["Tokens__PublicUrl"] = PublicUrl, ["Keys__ReadyKeys"] = "0" };
        _keyManager = await RunningService.StartAsync("AuthPlatform.KeyManager", settings, cancellation);
        settings["services__key-manager__http__0"] = _keyManager.Http.BaseAddress!.ToString();
        _tokenApi = await RunningService.StartAsync("AuthPlatform.TokenApi", settings, cancellation);

        var ofGateway = new Dictionary<string, string> { ["Tokens__PublicUrl"] = PublicUrl, ["services__key-manager__http__0"] = settings["services__key-manager__http__0"] };
        for (var i = 0; i < platform.TokenApis.Count; i++)
        {
            // In the place of each replica that the gateway would else be given.
            ofGateway[$"services__token-api__http__{i}"] = _tokenApi.Http.BaseAddress!.ToString();
        }

        _gateway = await GatewayProcess.StartAsync(platform, ofGateway, cancellation);
    }

    public ValueTask DisposeAsync()
    {
        _gateway?.Dispose();
        _tokenApi?.Dispose();
        _keyManager?.Dispose();
        return ValueTask.CompletedTask;
    }
}
