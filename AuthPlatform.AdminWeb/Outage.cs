using System.Data.Common;
using AuthPlatform.ServiceDefaults.Problems;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace AuthPlatform.AdminWeb;

/// <summary>Tells a store or service that is away from a change that does not fit what is there, and both from a defect.</summary>
internal static class Outage
{
    public static int StatusOf(Exception exception) => exception switch
    {
        BadHttpRequestException bad => bad.StatusCode,
        HttpRequestException or TimeoutException => StatusCodes.Status503ServiceUnavailable,
        DbUpdateConcurrencyException => StatusCodes.Status409Conflict,
        _ when DatabaseFailure.IsIn(exception) => (exception.GetBaseException() as DbException)?.SqlState switch
        {
            // Somebody else was faster: trying again does not help.
            PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ForeignKeyViolation => StatusCodes.Status409Conflict,
            // All other data that PostgreSQL refuses (classes 22 and 23) we should have refused before.
            ['2', '2' or '3', ..] => StatusCodes.Status500InternalServerError,
            _ => StatusCodes.Status503ServiceUnavailable,
        },
        _ => StatusCodes.Status500InternalServerError,
    };
}
