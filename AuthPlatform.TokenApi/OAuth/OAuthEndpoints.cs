namespace AuthPlatform.TokenApi.OAuth;

/// <summary>The routes by which OAuth 2.0 libraries use the platform: each application is an issuer of its own.</summary>
internal static class OAuthEndpoints
{
    private static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    public static void AddOAuth(this IServiceCollection services) => services.AddSingleton<GetMetadata>();

    public static void MapOAuth(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/.well-known/oauth-authorization-server/{**issuerPath}", Reading, (HttpContext context, string? issuerPath, GetMetadata get) => get.OAuthAsync(context, issuerPath ?? string.Empty));

        var issuer = routes.MapGroup("/auth/{clientId}");
        issuer.MapMethods("/.well-known/openid-configuration", Reading, (HttpContext context, string clientId, GetMetadata get) => get.OpenIdAsync(context, clientId));
    }
}
