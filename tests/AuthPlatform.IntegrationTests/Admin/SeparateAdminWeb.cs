using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>One more Admin Web, on databases of its own: what a test locks or breaks there holds up nobody else.</summary>
public sealed class SeparateAdminWeb(AuthPlatformFixture platform) : IAsyncLifetime
{
    /// <summary>Where clients would reach its platform: below another address than its pages.</summary>
    public const string ClientUrl = "https://example.com/id";

    private readonly FreshDatabases _databases = new(platform);
    private RunningService? _service;

    public HttpClient Http => _service!.Http;

    public async ValueTask InitializeAsync()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var settings = await _databases.MigratedAsync(cancellation);
        settings["ConnectionStrings__redis"] = (await platform.App.GetConnectionStringAsync(ResourceNames.Redis, cancellation))!;
        settings["Admin__PublicUrl"] = "http://localhost";
        settings["Tokens__PublicUrl"] = ClientUrl;
        _service = await RunningService.StartAsync("AuthPlatform.AdminWeb", settings, cancellation);
    }

    public ValueTask DisposeAsync()
    {
        _service?.Dispose();
        return ValueTask.CompletedTask;
    }

    public async Task<AuthDbContext> OpenDatabaseAsync(CancellationToken cancellationToken) =>
        new(new DbContextOptionsBuilder<AuthDbContext>().UseNpgsql(await _databases.ConnectionStringAsync(ResourceNames.AuthDatabase, cancellationToken)).Options);

    internal AdminBrowser OpenBrowser() => AdminBrowser.OpenAt(Http.BaseAddress!);

    internal async Task<AdminAccount> CreateAccountAsync(CancellationToken cancellationToken, params string[] roles)
    {
        await using var database = await OpenDatabaseAsync(cancellationToken);
        return await AdminAccount.CreateAsync(database, FreshDatabases.EncryptionKey, "admin-" + SignedRequests.Nonce()[..12], cancellationToken, roles);
    }

    /// <summary>The classes that share it, one after the other.</summary>
    [CollectionDefinition]
    public sealed class Tests : ICollectionFixture<SeparateAdminWeb>;
}
