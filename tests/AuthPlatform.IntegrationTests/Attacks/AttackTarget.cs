using System.Text.Json;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Attacks;

/// <summary>An application one of whose keys the attackers have; both its types of tokens are JWTs.</summary>
public sealed class AttackTarget(AuthPlatformFixture platform) : IAsyncLifetime
{
    private PublishedKey? _key;

    public TestApplication Application { get; private set; } = null!;

    /// <summary>Its published keys, as anybody can read them.</summary>
    public string Jwks { get; private set; } = "";

    /// <summary>A key of another application.</summary>
    public string OtherKid { get; private set; } = "";

    internal PublishedKey Key => _key!;

    internal Trap Trap { get; } = new();

    public async ValueTask InitializeAsync()
    {
        var cancellation = TestContext.Current.CancellationToken;
        Application = await platform.CreateApplicationAsync(a => a.RefreshFormat = RefreshFormats.Jwt, cancellation);
        _key = await PublishedKey.AddAsync(platform, Application, cancellation);
        Jwks = await platform.Gateway.GetStringAsync($"/auth/{Application.ClientId}/jwks", cancellation);
        OtherKid = JsonElement.Parse(await platform.Gateway.GetStringAsync($"/auth/{platform.Bootstrap.ClientId}/jwks", cancellation)).GetProperty("keys")[0].Text("kid");
    }

    public ValueTask DisposeAsync()
    {
        _key?.Dispose();
        Trap.Dispose();
        return ValueTask.CompletedTask;
    }
}
