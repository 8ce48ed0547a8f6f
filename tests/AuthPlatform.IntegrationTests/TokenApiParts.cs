using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.ServiceDefaults;
using AuthPlatform.TokenApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AuthPlatform.IntegrationTests;

/// <summary>The parts of a Token API in this process, made by its own registrations. It is never started: nothing runs in its background.</summary>
internal static class TokenApiParts
{
    /// <summary>One more beside those of the platform, on its stores.</summary>
    /// <param name="platform">Whose stores they are.</param>
    /// <param name="clock">Its clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="redisDatabase">Another than the platform's, for what must not be seen by others.</param>
    public static async Task<WebApplication> BuildTokenApiAsync(this AuthPlatformFixture platform, TimeProvider clock, CancellationToken cancellationToken, int? redisDatabase = null)
    {
        var settings = await platform.TokenApiEnvironmentAsync(cancellationToken);
        if (redisDatabase is { } number)
        {
            settings["ConnectionStrings__redis"] += $",defaultDatabase={number}";
        }

        return Build(settings, clock);
    }

    /// <summary>One that has a database of its own.</summary>
    /// <param name="platform">Whose server that is on.</param>
    /// <param name="redis">Where Redis is.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<WebApplication> BuildTokenApiApartAsync(this AuthPlatformFixture platform, string redis, CancellationToken cancellationToken)
    {
        var settings = await new FreshDatabases(platform).MigratedAsync(cancellationToken, ResourceNames.AuthDatabase);
        settings["ConnectionStrings__redis"] = redis;
        return Build(settings, TimeProvider.System);
    }

    private static WebApplication Build(IReadOnlyDictionary<string, string> settings, TimeProvider clock)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key.Replace("__", ":", StringComparison.Ordinal), (string?)setting.Value)));
        builder.Configuration["Tokens:PublicUrl"] ??= "http://localhost";
        // That would be for the threads of the tests.
        builder.Configuration["Scheduling:Batch"] = "false";
        builder.AddServiceDefaults();
        builder.AddTokenApi();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(clock);
        return builder.Build();
    }
}
