using System.Data.Common;

namespace AuthPlatform.AdminWeb;

/// <summary>Tells a store or service that is away from a defect.</summary>
internal static class Outage
{
    public static int StatusOf(Exception exception) => exception switch
    {
        BadHttpRequestException bad => bad.StatusCode,
        HttpRequestException or TimeoutException => StatusCodes.Status503ServiceUnavailable,
        _ when IsDatabase(exception) => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    /// <summary>EF Core wraps what the database said in exceptions of its own.</summary>
    private static bool IsDatabase(Exception? exception) => exception is DbException || (exception is not null && IsDatabase(exception.InnerException));
}
