using AuthPlatform.Contracts;
using Microsoft.AspNetCore.Http;

namespace AuthPlatform.ServiceDefaults.Problems;

/// <summary>The failures that every service answers alike.</summary>
public static class CommonProblems
{
    /// <summary>404 for whatever does not exist.</summary>
    public static Problem NotFound { get; } = new(StatusCodes.Status404NotFound, ErrorCodes.NotFound, OAuthErrors.InvalidRequest, "Not Found");

    /// <summary>503 when a store or service behind this one does not answer.</summary>
    public static Problem TemporarilyUnavailable { get; } =
        new(StatusCodes.Status503ServiceUnavailable, ErrorCodes.TemporarilyUnavailable, OAuthErrors.TemporarilyUnavailable, "A service behind this one does not answer; try again shortly")
        {
            RetryAfterSeconds = 2,
        };

    /// <summary>413 for a body that is larger than the endpoint takes.</summary>
    public static Problem BodyTooLarge { get; } =
        new(StatusCodes.Status413PayloadTooLarge, ErrorCodes.BodyTooLarge, OAuthErrors.InvalidRequest, "The body is too large");

    /// <summary>415: only <c>application/json</c> without a content encoding is taken.</summary>
    public static Problem UnsupportedMediaType { get; } =
        new(StatusCodes.Status415UnsupportedMediaType, ErrorCodes.UnsupportedMediaType, OAuthErrors.InvalidRequest, "The body must be application/json without a Content-Encoding");

    /// <summary>400 for a request that the HTTP layer could not read to its end.</summary>
    public static Problem InvalidRequest { get; } =
        new(StatusCodes.Status400BadRequest, ErrorCodes.InvalidRequest, OAuthErrors.InvalidRequest, "The request could not be read");

    internal static Problem ServerError { get; } =
        new(StatusCodes.Status500InternalServerError, ErrorCodes.ServerError, OAuthErrors.ServerError, "Something went wrong on our side; the trace_id of this answer finds it in the log");

    internal static Problem MethodNotAllowed { get; } =
        new(StatusCodes.Status405MethodNotAllowed, ErrorCodes.MethodNotAllowed, OAuthErrors.InvalidRequest, "This method is not allowed here; the Allow header names those that are");

    /// <summary>The problem for a bare status code that the framework set; null for one that is no failure.</summary>
    internal static Problem? ForStatus(int status) => status switch
    {
        < 400 => null,
        StatusCodes.Status404NotFound => NotFound,
        StatusCodes.Status405MethodNotAllowed => MethodNotAllowed,
        StatusCodes.Status413PayloadTooLarge => BodyTooLarge,
        StatusCodes.Status415UnsupportedMediaType => UnsupportedMediaType,
        StatusCodes.Status502BadGateway or StatusCodes.Status503ServiceUnavailable or StatusCodes.Status504GatewayTimeout => TemporarilyUnavailable,
        < 500 => InvalidRequest with { Status = status },
        _ => ServerError with { Status = status },
    };
}
