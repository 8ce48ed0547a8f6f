using System.Diagnostics.Metrics;
using AuthPlatform.KeyManager.Keys;
using AuthPlatform.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace AuthPlatform.KeyManager;

/// <summary>The routes of the Key Manager: one public, the rest for services of the platform only.</summary>
internal static class KeyEndpoints
{
    public static void AddKeys(this IServiceCollection services)
    {
        services.AddKeyStore();
        services.AddOptions<KeyOptions>().ValidateOnStart();
        services.AddSingleton<InternalCallers>();
        services.AddHostedService(provider => provider.GetRequiredService<ReadyKeys>());
        services.AddSingleton<KeyRing>();
        services.AddSingleton<KeyWakeUp>();
        services.AddSingleton<KeyChangeMessages>();
        services.AddHostedService(provider => provider.GetRequiredService<KeyChangeMessages>());
        services.AddSingleton<KeyChangeEffects>();
        services.AddHostedService<KeyUpkeep>();
        services.AddSingleton<EnsureKeys>();
        services.AddSingleton<DeleteKeys>();
        services.AddSingleton<ListKeys>();
        services.AddSingleton<ListDueKeys>();
        services.AddSingleton<ChangeKeySettings>();
        services.AddSingleton<RotateKey>();
        services.AddSingleton<RevokeKey>();
        services.AddSingleton<GetKeyChanges>();
        services.AddSingleton<GetJwks>();
        services.AddSingleton<SignPayloads>();
        services.AddHealthChecks().AddCheck<KeysHealthCheck>("keys", timeout: TimeSpan.FromSeconds(10));
    }

    /// <summary>What changes keys in the database, here and on the command line.</summary>
    public static void AddKeyStore(this IServiceCollection services)
    {
        services.AddOptions<KeyOptions>().BindConfiguration(KeyOptions.Section);
        services.AddSingleton<IValidateOptions<KeyOptions>, ValidateKeyRanges>();
        services.AddSingleton<IValidateOptions<KeyOptions>, ValidateKeyOptions>();
        services.AddSingleton<KeyMetrics>();
        services.AddSingleton<ReadyKeys>();
        services.AddSingleton(provider =>
        {
            var clock = new DatabaseClock(provider.GetRequiredService<TimeProvider>());
            ClockCheck.Show(provider.GetRequiredService<IMeterFactory>(), () => clock.SecondsAhead);
            return clock;
        });
        services.AddSingleton<KeyStore>();
    }

    public static void MapKeys(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/auth/{clientId}/jwks", [HttpMethods.Get, HttpMethods.Head], (HttpContext context, string clientId, GetJwks get) => get.HandleAsync(context, clientId));

        var platform = routes.MapGroup("/internal").AddEndpointFilter<InternalCallers>();
        platform.MapPost("/sign", (HttpContext context, SignPayloads sign) => sign.HandleAsync(context));
        platform.MapGet("/keys/changes", (HttpContext context, GetKeyChanges get) => get.HandleAsync(context));
        platform.MapGet("/keys/due", (HttpContext context, ListDueKeys list) => KeyProblems.RunAsync(context, () => list.HandleAsync(context)));

        var application = platform.MapGroup("/applications/{clientId}");
        application.MapPut("", (HttpContext context, string clientId, EnsureKeys ensure) => KeyProblems.RunAsync(context, () => ensure.HandleAsync(context, clientId)));
        application.MapDelete("", (HttpContext context, string clientId, DeleteKeys delete) => KeyProblems.RunAsync(context, () => delete.HandleAsync(context, clientId)));
        application.MapGet("/jwks", (HttpContext context, string clientId, long version, GetJwks get) => get.HandleInternalAsync(context, clientId, version));
        application.MapGet("/keys", (HttpContext context, string clientId, ListKeys list) => KeyProblems.RunAsync(context, () => list.HandleAsync(context, clientId)));
        application.MapPut("/key-settings", (HttpContext context, string clientId, ChangeKeySettings change) => KeyProblems.RunAsync(context, () => change.HandleAsync(context, clientId)));
        application.MapPost("/rotate", (HttpContext context, string clientId, RotateKey rotate) => KeyProblems.RunAsync(context, () => rotate.HandleAsync(context, clientId)));
        application.MapPost("/keys/{kid}/revoke", (HttpContext context, string clientId, string kid, RevokeKey revoke) => KeyProblems.RunAsync(context, () => revoke.HandleAsync(context, clientId, kid)));
    }
}
