using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace AuthPlatform.ServiceDefaults;

/// <summary>
/// The path of the public address, <c>/id</c> of <c>https://example.com/id</c>. What clients ask for, and sign, begins with it, and nobody on the way may take it off. The routes for
/// them, below <c>/auth</c>, are found with it and without; all else has no second address: what is not for everybody stays where the proxies in front expect it.
/// </summary>
public static class PublicPrefix
{
    /// <summary>The setting that says what the public address is.</summary>
    public const string Setting = "Tokens:PublicUrl";

    private static readonly PathString Routes = new("/auth");

    /// <summary>Reads a public address: an absolute http or https URL with nothing behind its path. Null when it is none.</summary>
    public static Uri? Parse(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url)
        && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
        && url is { Query: "", Fragment: "", UserInfo: "" }
            ? url
            : null;

    /// <summary>Why <see cref="Parse"/> does not take it.</summary>
    public static string Refusal(string text) => $"{Setting} must be an absolute http or https URL without query or fragment, e.g. https://auth.example.com; it is '{text}'.";

    /// <summary>For a service that can do without a public address. It does not start with one that cannot be read.</summary>
    public static void AddPublicPrefix(this IHostApplicationBuilder builder)
    {
        if (builder.Configuration[Setting] is { Length: > 0 } text && Parse(text) is null)
        {
            builder.Refuse(Refusal(text));
        }
    }

    /// <summary>Finds the routes for clients with the prefix too. Call it before all else: what comes afterwards sees the path without it. The target as it was sent stays what it is.</summary>
    public static void UsePublicPrefix(this WebApplication app)
    {
        var prefix = Of(app.Configuration[Setting]);
        if (!prefix.HasValue)
        {
            return;
        }

        app.Use((context, next) =>
        {
            var request = context.Request;
            if (request.Path.StartsWithSegments(prefix, out var found, out var rest) && rest.StartsWithSegments(Routes))
            {
                (request.PathBase, request.Path) = (found, rest);
            }

            return next(context);
        });
        // By the path that is left: unless it is said here, the route is looked for before all of this.
        app.UseRouting();
    }

    private static PathString Of(string? text) => text is not null && Parse(text) is { } url ? new PathString(PathString.FromUriComponent(url).Value?.TrimEnd('/')) : default;
}
