using Microsoft.Extensions.FileProviders;

namespace AuthPlatform.AdminWeb;

/// <summary>
/// While versions run side by side, the files of a page, by names with the hash of their content, may be asked of a replica that has others. It answers with its own: that is mostly the same, and a page
/// without styles and script is one on which nobody can use a passkey. Nobody keeps it, for the name is that of another content.
/// </summary>
internal static class FilesOfOtherVersions
{
    private static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Behind the files that are here, which have names of their own.</summary>
    public static void MapFilesOfOtherVersions(this WebApplication app)
    {
        Map("app", "css", "text/css");
        Map("app", "js", "text/javascript");
        Map("icon", "svg", "image/svg+xml");

        void Map(string name, string extension, string mediaType) => app.MapMethods(
            $"/{name}.{{hash}}.{extension}",
            Reading,
            context => SendAsync(context, app.Environment.WebRootFileProvider.GetFileInfo($"{name}.{extension}"), mediaType)).AllowAnonymous();
    }

    private static Task SendAsync(HttpContext context, IFileInfo file, string mediaType)
    {
        var response = context.Response;
        response.ContentType = mediaType;
        response.ContentLength = file.Length;
        response.Headers.CacheControl = "no-store";
        return response.SendFileAsync(file, context.RequestAborted);
    }
}
