using AuthPlatform.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AuthPlatform.ServiceDefaults.Problems;

/// <summary>
/// The outermost edge of a service: an outage behind it becomes 503, a request that cannot be read becomes 4xx, a defect becomes a logged 500,
/// and an error status without a body gets one. Details of exceptions never reach the caller.
/// </summary>
internal sealed partial class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to read an answer; the status is for the metrics.
            if (!context.Response.HasStarted)
            {
                context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            }

            return;
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            await AnswerAsync(context, ToProblem(exception));
            return;
        }

        if (!context.Response.HasStarted
            && context.Response.ContentLength is null
            && context.Response.ContentType is null
            && CommonProblems.ForStatus(context.Response.StatusCode) is { } problem)
        {
            await ProblemResponse.WriteAsync(context, problem);
        }
    }

    private static async Task AnswerAsync(HttpContext context, Problem problem)
    {
        // What the endpoint has set so far (Allow, Cache-Control, a status) was meant for another answer.
        context.Response.Clear();
        await ProblemResponse.WriteAsync(context, problem);
    }

    private Problem ToProblem(Exception exception)
    {
        switch (exception)
        {
            case BadHttpRequestException bad:
                return CommonProblems.ForStatus(bad.StatusCode) ?? CommonProblems.InvalidRequest;
            case HttpRequestException or TimeoutException or OperationCanceledException:
            case Exception when DatabaseFailure.IsIn(exception):
                Log.Unavailable(logger, exception.GetType().Name, exception.Message);
                return CommonProblems.TemporarilyUnavailable;
            default:
                Log.Failed(logger, exception);
                return CommonProblems.ServerError;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A service behind this one does not answer: {Exception}: {Reason}")]
        public static partial void Unavailable(ILogger logger, string exception, string reason);

        [LoggerMessage(2, LogLevel.Error, "A request failed by a defect")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
