using AuthPlatform.ServiceDefaults.Problems;
using AuthPlatform.TokenApi.RevocationFeed;
using Microsoft.Extensions.Options;

namespace AuthPlatform.TokenApi.OAuth;

/// <summary>The routes by which OAuth 2.0 libraries use the platform: each application is an issuer of its own.</summary>
internal static class OAuthEndpoints
{
    private static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    public static void AddOAuth(this IServiceCollection services)
    {
        services.AddSingleton<GetMetadata>();
        services.AddSingleton<IssuerEndpointRunner>();
        services.AddSingleton<GrantToken>();
        services.AddSingleton<IntrospectToken>();
        services.AddSingleton<RevokeByClient>();

        services.AddOptions<FeedOptions>().BindConfiguration(FeedOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<FeedOptions>, ValidateFeedOptions>();
        services.AddSingleton<FeedStore>();
        services.AddSingleton<FeedWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<FeedWatch>());
        services.AddSingleton<StreamRevocations>();
        services.AddSingleton<GetRevocations>();
    }

    public static void MapOAuth(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/.well-known/oauth-authorization-server/{**issuerPath}", Reading, (HttpContext context, string? issuerPath, GetMetadata get) => get.OAuthAsync(context, issuerPath ?? string.Empty));

        var issuer = routes.MapGroup("/auth/{clientId}");
        issuer.MapMethods("/.well-known/openid-configuration", Reading, (HttpContext context, string clientId, GetMetadata get) => get.OpenIdAsync(context, clientId));

        issuer.MapMethods("/revocations", Reading, (HttpContext context, string clientId, GetRevocations get) => get.HandleAsync(context, clientId));

        var oauth = issuer.MapGroup("/oauth2").WithMetadata(PlainOAuthErrors.Instance);
        oauth.MapPost("/token", (HttpContext context, string clientId, GrantToken grant) => grant.HandleAsync(context, clientId));
        oauth.MapPost("/introspect", (HttpContext context, string clientId, IntrospectToken introspect) => introspect.HandleAsync(context, clientId));
        oauth.MapPost("/revoke", (HttpContext context, string clientId, RevokeByClient revoke) => revoke.HandleAsync(context, clientId));
    }
}
