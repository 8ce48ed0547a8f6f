using AuthPlatform.Contracts;
using AuthPlatform.ServiceDefaults.Problems;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>What every signed endpoint does around its own work: authenticate, answer a refusal, count it, give the body's memory back.</summary>
internal sealed class SignedEndpointRunner(RequestAuthenticator authenticator, TokenMetrics metrics)
{
    /// <param name="context">The request and its answer.</param>
    /// <param name="endpoint">The endpoint that was called.</param>
    /// <param name="handle">Writes the answer and returns null, or returns why it refuses.</param>
    public async Task RunAsync(HttpContext context, SignedEndpoint endpoint, Func<SignedRequest, Task<Problem?>> handle)
    {
        var (request, problem) = await authenticator.AuthenticateAsync(context, endpoint);
        using (request)
        {
            problem ??= await handle(request!);
        }

        if (problem is not null)
        {
            metrics.Rejected(endpoint.Name, problem.Code);
            await ProblemResponse.WriteAsync(context, problem);
        }
    }
}
