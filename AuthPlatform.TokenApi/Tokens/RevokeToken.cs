using System.Net;
using System.Text.Json;
using AuthPlatform.Contracts;
using AuthPlatform.TokenApi.Requests;

namespace AuthPlatform.TokenApi.Tokens;

/// <summary>
/// <c>POST /auth/revoke</c>: ends the sessions of one token or a list, access or refresh tokens; or those with given ids, or of a user. The answer is 200 and says for each
/// token or id whether it was one of the application's; that its session had ended already is as good.
/// </summary>
internal sealed class RevokeToken(SignedEndpointRunner runner, TokenReader reader, RevokeTokens revocation, RevokeSessions sessions)
{
    public Task HandleAsync(HttpContext context) => runner.RunAsync(context, SignedEndpoint.Revoke, request => RevokeAsync(context, request));

    private async Task<Problem?> RevokeAsync(HttpContext context, SignedRequest request)
    {
        var (revoke, problem) = RevokeRequest.Parse(request);
        if (revoke is null)
        {
            return problem;
        }

        var (application, caller) = (request.Application, context.Connection.RemoteIpAddress);
        var answer = await (revoke switch
        {
            { User: { } user } => sessions.OfUserAsync(application, user, caller, context.RequestAborted),
            { SessionIds: { } ids } => sessions.ByIdAsync(application, ids, caller, context.RequestAborted),
            _ => ByTokenAsync(application, revoke.Tokens!, caller, context.RequestAborted),
        });
        await answer.WriteAsync(context);
        return null;
    }

    private async Task<RevokeAnswer> ByTokenAsync(Application application, IReadOnlyList<JsonElement> tokens, IPAddress? caller, CancellationToken cancellationToken)
    {
        // At once: what has to be asked of others for them is asked together.
        var reading = tokens.Select(token => reader.ReadAsync(application, token.GetString()!, use: null, evenExpired: true, cancellationToken).AsTask()).ToList();
        var allRead = Task.WhenAll(reading);
        await ((Task)allRead).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        var verified = new List<VerifiedToken>(tokens.Count);
        var success = new List<JsonElement>(tokens.Count);
        var failed = new List<(JsonElement Named, string Error)>();
        foreach (var (token, read) in tokens.Zip(reading).Where(pair => pair.Second.IsCompletedSuccessfully))
        {
            var (known, problem) = await read;
            if (known is null)
            {
                failed.Add((token, problem!.Detail));
                continue;
            }

            verified.Add(known);
            success.Add(token);
        }

        var ended = await revocation.RevokeAsync(application, verified, caller, cancellationToken);
        // Of others nobody may know what they are, because the Key Manager does not answer, say. That keeps none of these alive, but is no answer.
        await allRead;
        return new RevokeAnswer(tokens.Count, ended.Count, success, failed);
    }
}
