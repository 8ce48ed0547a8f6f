using AuthPlatform.Benchmarks;
using AuthPlatform.Contracts;
using AuthPlatform.LoadGenerator;
using AuthPlatform.ServiceDefaults;
using AuthPlatform.TokenApi;
using AuthPlatform.TokenApi.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AuthPlatform.Microbenchmarks;

/// <summary>A platform with throw-away stores, and beside its own Token API the parts of one in this process: made by the same registrations, on the same stores.</summary>
internal sealed class LivePlatform
{
    private static readonly Lazy<Task<LivePlatform>> Started = new(StartAsync);

    private readonly Platform _platform;
    private readonly WebApplication _tokenApi;

    private LivePlatform(Platform platform, WebApplication tokenApi) => (_platform, _tokenApi) = (platform, tokenApi);

    /// <summary>All benchmarks share it; the first one starts it.</summary>
    public static LivePlatform Get() => Started.Value.GetAwaiter().GetResult();

    public static async Task StopAsync()
    {
        if (Started.IsValueCreated)
        {
            var live = await Started.Value;
            await live._tokenApi.DisposeAsync();
            await live._platform.DisposeAsync();
        }
    }

    /// <summary>A part of the Token API.</summary>
    public T Part<T>()
        where T : notnull => _tokenApi.Services.GetRequiredService<T>();

    /// <summary>The application as requests see it.</summary>
    public Application Application() => Part<ApplicationSnapshots>().FindAsync(Platform.ClientId, CancellationToken.None).AsTask().GetAwaiter().GetResult()!;

    /// <summary>What it signs with.</summary>
    public string Secret => _platform.ClientSecret;

    /// <summary>An access token of a new session; it lives for five minutes.</summary>
    public string AccessToken()
    {
        using var client = _platform.Client(_platform.TokenApi);
        var issue = Scenarios.Named("issue").PrepareAsync(client, 1, CancellationToken.None).GetAwaiter().GetResult();
        return issue(0, CancellationToken.None).GetAwaiter().GetResult().Text("access_token"u8);
    }

    private static async Task<LivePlatform> StartAsync()
    {
        var platform = await Platform.StartAsync(CancellationToken.None);
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            [$"ConnectionStrings:{ResourceNames.AuthDatabase}"] = await platform.AuthDatabaseAsync(CancellationToken.None),
            [$"ConnectionStrings:{ResourceNames.Redis}"] = await platform.RedisAsync(CancellationToken.None),
            [$"services:{ResourceNames.KeyManager}:http:0"] = platform.AddressOf(ResourceNames.KeyManager).ToString(),
            ["Encryption:Keys:0"] = platform.EncryptionKey,
            ["InternalCalls:Secrets:0"] = platform.InternalSecret,
            ["Tokens:PublicUrl"] = platform.AddressOf(ResourceNames.Gateway).GetLeftPart(UriPartial.Authority),
        });
        builder.AddServiceDefaults();
        builder.AddTokenApi();
        builder.Logging.ClearProviders();
        // Never started: nothing runs in its background while something is measured.
        return new LivePlatform(platform, builder.Build());
    }
}
