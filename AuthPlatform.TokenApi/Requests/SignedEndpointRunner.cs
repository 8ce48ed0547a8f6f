using AuthPlatform.Contracts;
using AuthPlatform.ServiceDefaults.Problems;
using AuthPlatform.TokenApi.Audit;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>What every endpoint for applications does around its own work: authenticate, answer a refusal, count it, give the body's memory back.</summary>
internal sealed class SignedEndpointRunner(RequestAuthenticator authenticator, ClientAuthenticator clients, TokenMetrics metrics, RejectionLog rejections)
{
    /// <summary>For signed requests with a JSON body.</summary>
    /// <param name="context">The request and its answer.</param>
    /// <param name="endpoint">The endpoint that was called.</param>
    /// <param name="handle">Writes the answer and returns null, or returns why it refuses.</param>
    public async Task RunAsync(HttpContext context, SignedEndpoint endpoint, Func<SignedRequest, Task<Problem?>> handle)
    {
        var (request, problem) = await authenticator.AuthenticateAsync(context, endpoint);
        using (request)
        {
            problem ??= await request!.RememberedAsync() ?? await handle(request);
        }

        await RefuseAsync(context, endpoint, problem);
    }

    /// <summary>For signed requests that change nothing: the answer is looked for while it is asked whether the request was seen before, and not given if it was.</summary>
    /// <param name="context">The request and its answer.</param>
    /// <param name="endpoint">The endpoint that was called.</param>
    /// <param name="find">Gives what to answer, or why it refuses.</param>
    /// <param name="write">Writes the answer.</param>
    public async Task RunQuestionAsync<TAnswer>(
        HttpContext context, SignedEndpoint endpoint, Func<SignedRequest, Task<(TAnswer? Answer, Problem? Problem)>> find, Func<HttpContext, TAnswer, Task> write)
        where TAnswer : class
    {
        var (request, problem) = await authenticator.AuthenticateAsync(context, endpoint);
        TAnswer? answer = null;
        using (request)
        {
            if (request is not null)
            {
                var finding = find(request);
                try
                {
                    problem = await request.RememberedAsync();
                }
                finally
                {
                    // It reads the body, whose memory is given back below.
                    await ((Task)finding).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }

                (answer, problem) = problem is null ? await finding : (null, problem);
            }
        }

        await (answer is null ? RefuseAsync(context, endpoint, problem) : write(context, answer));
    }

    /// <summary>For requests with a form or without a body, signed or with a client's id and secret.</summary>
    /// <param name="context">The request and its answer.</param>
    /// <param name="endpoint">The endpoint that was called.</param>
    /// <param name="handle">Writes the answer and returns null, or returns why it refuses.</param>
    public async Task RunForClientAsync(HttpContext context, SignedEndpoint endpoint, Func<ClientRequest, Task<Problem?>> handle)
    {
        var (request, problem) = await clients.AuthenticateAsync(context, endpoint);
        await RefuseAsync(context, endpoint, problem ?? await handle(request!));
    }

    private async Task RefuseAsync(HttpContext context, SignedEndpoint endpoint, Problem? problem)
    {
        if (problem is not null)
        {
            metrics.Rejected(endpoint.Name, problem.Code);
            rejections.Add(context, endpoint, problem);
            await ProblemResponse.WriteAsync(context, problem);
        }
    }
}
