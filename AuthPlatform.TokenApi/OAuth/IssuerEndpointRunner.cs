using AuthPlatform.Contracts;
using AuthPlatform.TokenApi.Requests;

namespace AuthPlatform.TokenApi.OAuth;

/// <summary>What every endpoint of an issuer does around its own work: authenticate the caller, and see that it is a client of this issuer.</summary>
internal sealed class IssuerEndpointRunner(SignedEndpointRunner runner, ApplicationSnapshots applications)
{
    /// <summary>For what an application alone may do with its tokens.</summary>
    /// <param name="context">The request and its answer.</param>
    /// <param name="endpoint">The endpoint that was called.</param>
    /// <param name="clientId">The application in the address.</param>
    /// <param name="handle">Writes the answer and returns null, or returns why it refuses.</param>
    public Task RunAsync(HttpContext context, SignedEndpoint endpoint, string clientId, Func<ClientRequest, Task<Problem?>> handle) =>
        runner.RunForClientAsync(
            context,
            endpoint,
            request => request.Caller.ClientId == clientId ? handle(request) : Task.FromResult<Problem?>(ClientAuthenticator.InvalidClient));

    /// <summary>For what its resource servers may do too, each as itself.</summary>
    /// <param name="context">The request and its answer.</param>
    /// <param name="endpoint">The endpoint that was called.</param>
    /// <param name="clientId">The application in the address.</param>
    /// <param name="handle">Is given the application too; writes the answer and returns null, or returns why it refuses.</param>
    public Task RunForResourceServersAsync(HttpContext context, SignedEndpoint endpoint, string clientId, Func<Application, ClientRequest, Task<Problem?>> handle) =>
        runner.RunForClientAsync(context, endpoint, async request =>
        {
            if (request.Caller.ClientId == clientId)
            {
                return await handle(request.Caller, request);
            }

            return await applications.FindAsync(clientId, context.RequestAborted) is { Enabled: true } issuer && issuer.HasResourceServer(request.Caller)
                ? await handle(issuer, request)
                : ClientAuthenticator.InvalidClient;
        });
}
