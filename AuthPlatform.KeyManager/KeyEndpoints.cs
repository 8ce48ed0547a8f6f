using AuthPlatform.KeyManager.Keys;

namespace AuthPlatform.KeyManager;

/// <summary>The routes of the Key Manager: one public, the rest for services of the platform only.</summary>
internal static class KeyEndpoints
{
    public static void AddKeys(this IServiceCollection services)
    {
        services.AddOptions<KeyOptions>().BindConfiguration(KeyOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<KeyMetrics>();
        services.AddSingleton<InternalCallers>();
        services.AddSingleton<KeyStore>();
        services.AddSingleton<KeyRing>();
        services.AddSingleton<EnsureKeys>();
        services.AddSingleton<GetJwks>();
        services.AddSingleton<SignPayload>();
        services.AddHostedService<KeyUpkeep>();
        services.AddHealthChecks().AddCheck<KeysHealthCheck>("keys", timeout: TimeSpan.FromSeconds(10));
    }

    public static void MapKeys(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/auth/{clientId}/jwks", [HttpMethods.Get, HttpMethods.Head], (HttpContext context, string clientId, GetJwks get) => get.HandleAsync(context, clientId));

        var applications = routes.MapGroup("/internal/applications/{clientId}").AddEndpointFilter<InternalCallers>();
        applications.MapPut("", (HttpContext context, string clientId, EnsureKeys ensure) => ensure.HandleAsync(context, clientId));
        applications.MapPost("/sign", (HttpContext context, string clientId, SignPayload sign) => sign.HandleAsync(context, clientId));
    }
}
