using System.Data.Common;
using AuthPlatform.ServiceDefaults.Problems;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.AdminWeb;

/// <summary>Tells a store or service that is away from a change that does not fit what is there, and both from a defect.</summary>
internal static class Outage
{
    public static int StatusOf(Exception exception) => exception switch
    {
        BadHttpRequestException bad => bad.StatusCode,
        HttpRequestException or TimeoutException => StatusCodes.Status503ServiceUnavailable,
        _ when IsConflict(exception) => StatusCodes.Status409Conflict,
        _ when DatabaseFailure.IsIn(exception) => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    /// <summary>Somebody else was faster, or PostgreSQL refused the data (classes 22 and 23): it is there, and trying again does not help.</summary>
    private static bool IsConflict(Exception exception) =>
        exception is DbUpdateConcurrencyException || exception.GetBaseException() is DbException { SqlState: ['2', '2' or '3', ..] };
}
