using AuthPlatform.TokenApi.Keys;
using AuthPlatform.TokenApi.Tokens;

namespace AuthPlatform.TokenApi;

/// <summary>The routes of the wire contract that this service answers.</summary>
internal static class AuthEndpoints
{
    public static void MapAuth(this IEndpointRouteBuilder routes)
    {
        var auth = routes.MapGroup("/auth");
        auth.MapPost("/token", (HttpContext context, IssueToken issue) => issue.HandleAsync(context));
        auth.MapPost("/refresh", (HttpContext context, RefreshEndpoint refresh) => refresh.HandleAsync(context));
        auth.MapPost("/revoke", (HttpContext context, RevokeToken revoke) => revoke.HandleAsync(context));
        auth.MapPost("/verify", (HttpContext context, VerifyToken verify) => verify.HandleAsync(context));
        auth.MapPost("/rotate-key", (HttpContext context, RotateKey rotate) => rotate.HandleAsync(context));
    }
}
