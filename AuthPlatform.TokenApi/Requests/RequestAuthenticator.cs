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

        var document = StrictJson.ParseObject(body.Memory);
        (var timestamp, problem) = Timestamp(headers, document);
        if (problem is null)
        {
            (var application, _, problem) = await signatures.AuthenticateAsync(context, headers, body, timestamp);
            if (application is not null)
            {
                var remembered = signatures.RememberAsync(context, application, endpoint, headers, timestamp);
                if (document is not null)
                {
                    return (new SignedRequest(application, body, document, headers.Version, remembered), null);
                }

                // Of a v2 body only now: its signature needs no JSON, and "not JSON" must not be told to strangers before their signature is known to be right.
                problem = (await remembered).Problem ?? RequestProblems.InvalidJson;
            }
        }

        document?.Dispose();
        body.Dispose();
        return (null, problem);
    }

    private static (long Seconds, Problem? Problem) Timestamp(SignatureHeaders headers, JsonDocument? document) =>
        headers.Version != 1 ? RequestTimestamp.FromHeader(headers.Timestamp)
        : document is null ? (0, RequestProblems.InvalidJson)
        : RequestTimestamp.FromBody(document.RootElement);
}
