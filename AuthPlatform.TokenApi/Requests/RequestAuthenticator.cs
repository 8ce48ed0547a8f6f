using System.Text.Json;
using AuthPlatform.Contracts;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>
/// Authenticates signed requests with a JSON body: headers, size and media type, and what <see cref="SignatureAuthenticator"/> says of the bytes, before
/// anything is made of them.
/// </summary>
internal sealed class RequestAuthenticator(SignatureAuthenticator signatures)
{
    /// <summary>
    /// Gives the request with its parsed body, or the answer that refuses it. Whether it was seen before is being asked then (<see cref="SignedRequest.RememberedAsync"/>). The caller
    /// disposes of the request.
    /// </summary>
    public async ValueTask<(SignedRequest? Request, Problem? Problem)> AuthenticateAsync(HttpContext context, SignedEndpoint endpoint)
    {
        var (headers, problem) = SignatureHeaders.Read(context.Request.Headers);
        if (headers is null)
        {
            return (null, problem);
        }

        (var body, problem) = await RequestBody.ReadAsync(context.Request, endpoint, context.RequestAborted);
        if (body is null)
        {
            return (null, problem);
        }

        SignedRequest? request = null;
        JsonDocument? document = null;
        try
        {
            // A v1 body says when it was signed. A v2 signature needs no JSON: nothing is made of what a stranger has sent, nor said about it.
            document = headers.Version == 1 ? StrictJson.ParseObject(body.Memory) : null;
            (var timestamp, problem) = Timestamp(headers, document);
            if (problem is not null)
            {
                return (null, problem);
            }

            (var application, _, problem) = await signatures.AuthenticateAsync(context, headers, body, timestamp);
            if (application is null)
            {
                return (null, problem);
            }

            var remembered = signatures.RememberAsync(context, application, endpoint, headers, timestamp);
            // While that is under way.
            document ??= StrictJson.ParseObject(body.Memory);
            if (document is null)
            {
                return (null, (await remembered).Problem ?? RequestProblems.InvalidJson);
            }

            request = new SignedRequest(application, body, document, headers.Version, remembered);
            return (request, null);
        }
        finally
        {
            if (request is null)
            {
                document?.Dispose();
                body.Dispose();
            }
        }
    }

    private static (long Seconds, Problem? Problem) Timestamp(SignatureHeaders headers, JsonDocument? document) =>
        headers.Version != 1 ? RequestTimestamp.FromHeader(headers.Timestamp)
        : document is null ? (0, RequestProblems.InvalidJson)
        : RequestTimestamp.FromBody(document.RootElement);
}
