using Microsoft.Net.Http.Headers;
using Scalar.AspNetCore;

namespace AuthPlatform.Gateway.Docs;

/// <summary><c>/openapi.json</c>, the public surface as OpenAPI 3.1, and <c>/docs</c>, which shows it.</summary>
internal static class ApiReference
{
    public const string DocumentPath = "/openapi.json";

    private static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    private static readonly byte[] Document = Read();

    private static readonly EntityTagHeaderValue Version = new($"\"{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Document)[..8])}\"");

    public static void MapApiReference(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods(DocumentPath, Reading, () => Results.Bytes(Document, "application/json", entityTag: Version));
        routes.MapScalarApiReference("/docs", (options, context) =>
        {
            options.Title = "AuthPlatform";
            options.OpenApiRoutePattern = DocumentPath;
            // Nothing of the page comes from elsewhere, and nothing about its reader goes there.
            options.DefaultFonts = false;
            options.Telemetry = false;
            options.HideClientButton = true;
            options.ShowDeveloperTools = DeveloperToolsVisibility.Never;
            options.Agent = new ScalarAgentOptions { Disabled = true };
            options.Mcp = new ScalarMcpOptions { Disabled = true };
            // A browser has no secret to sign with.
            options.HideTestRequestButton = true;
            options.WithNonce();
            context.Response.OnStarting(() =>
            {
                Protect(context);
                return Task.CompletedTask;
            });
        });
    }

    /// <summary>The page's own scripts and the one inline script that starts them; styles are inline because the page's library makes them.</summary>
    private static void Protect(HttpContext context)
    {
        var nonce = context.Items[ScalarOptions.NonceHttpContextItemKey];
        context.Response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
    }

    private static byte[] Read()
    {
        using var resource = typeof(ApiReference).Assembly.GetManifestResourceStream("openapi.json")!;
        using var buffer = new MemoryStream();
        resource.CopyTo(buffer);
        return buffer.ToArray();
    }
}
