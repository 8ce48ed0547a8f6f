namespace AuthPlatform.AdminWeb.Security;

/// <summary>
/// Refuses what no browser sends: forms that cannot be read, and U+0000 in any field, for which PostgreSQL has no place. Read by a page, the one would look like
/// a defect and the other like an outage.
/// </summary>
internal sealed class ReadableText(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (await RefuseAsync(context.Request, context.RequestAborted) is not { } status)
        {
            await next(context);
            return;
        }

        // The page that says so must not read it again.
        (context.Request.Query, context.Request.Form) = (QueryCollection.Empty, FormCollection.Empty);
        context.Response.StatusCode = status;
    }

    private static async Task<int?> RefuseAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var form = request.HasFormContentType ? await request.ReadFormAsync(cancellationToken) : FormCollection.Empty;
            var isReadable = !request.Path.Value!.Contains('\0') && !request.Query.Concat(form).Any(field => field.Key.Contains('\0') || field.Value.Any(value => value?.Contains('\0') == true));
            return isReadable ? null : StatusCodes.Status400BadRequest;
        }
        catch (InvalidDataException)
        {
            return StatusCodes.Status400BadRequest;
        }
        catch (BadHttpRequestException exception)
        {
            return exception.StatusCode;
        }
    }
}
