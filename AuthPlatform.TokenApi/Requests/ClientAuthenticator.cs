using AuthPlatform.Contracts;
using AuthPlatform.Contracts.Signing;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>
/// Authenticates the callers of endpoints that OAuth libraries use: by <c>client_secret_basic</c>, or by a version 2 signature over the request. Both give an
/// unknown application, a wrong secret and a disabled application one answer, after the same work.
/// </summary>
internal sealed class ClientAuthenticator(ApplicationSnapshots applications, SignatureAuthenticator signatures, SecretUsage secretUsage, TimeProvider clock)
{
    private const string Challenge = "Basic realm=\"AuthPlatform\", charset=\"UTF-8\"";

    private static readonly Problem NoCredentials = Unauthorized(ErrorCodes.InvalidClientCredentials, "Authenticate by client_secret_basic or by a signed request");

    private static readonly Problem MalformedBasic = Unauthorized(
        ErrorCodes.InvalidClientCredentials, "Authorization must be Basic with the form-encoded client id and secret (RFC 6749 section 2.3.1)");

    private static readonly Problem TwoMethods = RequestProblems.Invalid("Use one method of client authentication in a request (RFC 6749 section 2.3)");

    private static readonly Problem VersionTooOld = new(
        StatusCodes.Status401Unauthorized, ErrorCodes.SignatureVersionTooOld, OAuthErrors.InvalidClient, "This endpoint takes version 2 signatures only");

    /// <summary>For a client that this issuer does not know, whoever it may be elsewhere; the same words as for a wrong secret.</summary>
    public static Problem InvalidClient { get; } = Unauthorized(ErrorCodes.InvalidClientCredentials, "Unknown client, wrong secret, or not a client of this issuer");

    /// <summary>Gives the request, or the answer that refuses it.</summary>
    public async ValueTask<(ClientRequest? Request, Problem? Problem)> AuthenticateAsync(HttpContext context, SignedEndpoint endpoint)
    {
        var headers = context.Request.Headers;
        var isSigned = headers.ContainsKey(SigningHeaders.Signature) || headers.ContainsKey(SigningHeaders.ClientId);
        if (headers.Authorization.Count > 0)
        {
            return isSigned ? (null, TwoMethods) : await AuthenticateBasicAsync(context, endpoint);
        }

        return isSigned ? await AuthenticateSignedAsync(context, endpoint) : (null, NoCredentials);
    }

    private async ValueTask<(ClientRequest? Request, Problem? Problem)> AuthenticateBasicAsync(HttpContext context, SignedEndpoint endpoint)
    {
        if (BasicCredentials.Read(context.Request.Headers.Authorization) is not { } credentials)
        {
            return (null, MalformedBasic);
        }

        var (body, problem) = await RequestBody.ReadAsync(context.Request, endpoint, context.RequestAborted);
        if (body is null)
        {
            return (null, problem);
        }

        using (body)
        {
            var application = await applications.FindAsync(credentials.ClientId, context.RequestAborted);
            context.Features.Set(application);
            var secret = SecretMatch.FindPresented(application, clock.GetUtcNow(), credentials.Secret);
            if (application is not { Enabled: true } || secret is null)
            {
                return (null, InvalidClient);
            }

            secretUsage.Record(secret.Id, context.Connection.RemoteIpAddress);
            return application.AllowedAddresses.Refuse(context) is { } refusal ? (null, refusal) : Read(application, secret.Id, body);
        }
    }

    private async ValueTask<(ClientRequest? Request, Problem? Problem)> AuthenticateSignedAsync(HttpContext context, SignedEndpoint endpoint)
    {
        var (headers, problem) = SignatureHeaders.Read(context.Request.Headers);
        if (headers is not { Version: 2 })
        {
            // Version 1 signs neither method nor path, and takes its timestamp out of JSON.
            return (null, problem ?? VersionTooOld);
        }

        (var body, problem) = await RequestBody.ReadAsync(context.Request, endpoint, context.RequestAborted);
        if (body is null)
        {
            return (null, problem);
        }

        using (body)
        {
            (var timestamp, problem) = RequestTimestamp.FromHeader(headers.Timestamp);
            if (problem is not null)
            {
                return (null, problem);
            }

            (var application, var secret, problem) = await signatures.AuthenticateAsync(context, headers, body, timestamp);
            problem ??= (await signatures.RememberAsync(context, application!, endpoint, headers, timestamp)).Problem;
            return problem is null ? Read(application!, secret!.Id, body) : (null, problem);
        }
    }

    private static (ClientRequest? Request, Problem? Problem) Read(Application caller, Guid secretId, RequestBody body)
    {
        if (FormParameters.Parse(body.Span) is not { } form)
        {
            return (null, RequestProblems.MalformedForm);
        }

        // A secret in the body is a second, and unsupported, method; a client id is harmless, but must not name somebody else.
        return form["client_secret"] is not null || form["client_assertion"] is not null ? (null, TwoMethods)
            : form["client_id"] is { } clientId && clientId != caller.ClientId ? (null, RequestProblems.Invalid("client_id is not the authenticated client"))
            : (new ClientRequest(caller, secretId, form), null);
    }

    private static Problem Unauthorized(string code, string detail) =>
        new(StatusCodes.Status401Unauthorized, code, OAuthErrors.InvalidClient, detail) { Challenge = Challenge };
}
