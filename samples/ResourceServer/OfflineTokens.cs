using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Tokens;

namespace ResourceServer;

/// <summary>
/// Takes access tokens by their signatures alone, unless they were revoked. Settings: <c>AuthPlatform:Issuer</c>, whose tokens these are; <c>AuthPlatform:ClientId</c> and
/// <c>AuthPlatform:ClientSecret</c>, who this server is: the application that issues them, or one of its resource servers.
/// </summary>
internal static class OfflineTokens
{
    public static void AddOfflineTokens(this IServiceCollection services, IConfiguration settings)
    {
        var (issuer, clientId, secret) = (Required("Issuer"), Required("ClientId"), Required("ClientSecret"));
        var address = new Uri($"{issuer}/");
        if (address.Scheme != Uri.UriSchemeHttps && !address.IsLoopback)
        {
            throw new InvalidOperationException("AuthPlatform:Issuer must be https: keys come from there, and the secret goes there.");
        }

        services.AddAuthentication().AddJwtBearer(bearer =>
        {
            bearer.Authority = issuer;                                             // https://auth.example.com/auth/shop
            bearer.Audience = clientId;                                            // shop, or the client id of a resource server that shop names
            bearer.RequireHttpsMetadata = !address.IsLoopback;                     // false: for http://localhost only
            bearer.AutomaticRefreshInterval = TimeSpan.FromMinutes(5);             // or a revoked key is good for 12 hours; less is refused
            bearer.RefreshInterval = TimeSpan.FromSeconds(10);                     // or after a failed read, or a stranger's key id, the next waits 5 minutes
            bearer.MapInboundClaims = false;                                       // "sub" stays "sub"
            bearer.TokenValidationParameters.ValidTypes = ["at+jwt"];              // access tokens only (RFC 9068 §4); ["JWT"] in the seed profile
            bearer.TokenValidationParameters.ClockSkew = TimeSpan.FromSeconds(30); // or tokens live 5 minutes longer than they say
        });
        // Or a revoked key is good for another hour, because it once was.
        services.PostConfigure<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme, bearer =>
            ((BaseConfigurationManager)bearer.ConfigurationManager!).UseLastKnownGoodConfiguration = false);
        // Or the first token after a quiet time is judged by the keys of before.
        AppContext.SetSwitch("Switch.Microsoft.IdentityModel.UpdateConfigAsBlocking", true);

        services.Configure<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme, bearer => bearer.BackchannelHttpHandler = Connections());
        services.AddHttpClient(nameof(Revocations), http =>
        {
            http.BaseAddress = address;
            var credentials = Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(clientId)}:{Uri.EscapeDataString(secret)}");
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(credentials));
        }).ConfigurePrimaryHttpMessageHandler(Connections);
        services.AddSingleton<Revocations>();
        services.AddHostedService(provider => provider.GetRequiredService<Revocations>());
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme)
            .Configure<Revocations>((bearer, revocations) => bearer.Events = new JwtBearerEvents { OnTokenValidated = revocations.RefuseAsync });

        // A proxy of the environment is for other machines: what it calls localhost is itself.
        SocketsHttpHandler Connections() => new() { UseProxy = !address.IsLoopback };

        string Required(string name) =>
            settings[$"AuthPlatform:{name}"] is { Length: > 0 } value ? value : throw new InvalidOperationException($"AuthPlatform:{name} is not set.");
    }
}
