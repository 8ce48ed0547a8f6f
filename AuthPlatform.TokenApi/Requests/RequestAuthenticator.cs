using System.Buffers;
using System.Net;
using System.Text.Json;
using AuthPlatform.Contracts;
using AuthPlatform.Contracts.Signing;
using AuthPlatform.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>
/// Authenticates signed requests, in the order of the contract: headers, size and media type, timestamp, application, signature, enabled, address, replay.
/// The order matters: whatever comes before the signature says nothing about the application, and only a right signature may cost memory.
/// </summary>
internal sealed class RequestAuthenticator(
    ApplicationSnapshots applications,
    ReplayGuard replay,
    SecretUsage secretUsage,
    IOptions<SignedRequestOptions> options,
    TimeProvider clock)
{
    private static readonly Problem CannotTellReplay = CommonProblems.TemporarilyUnavailable with
    {
        Detail = "The replay memory does not answer; sign the request again and retry",
        RetryAfterSeconds = 1,
    };

    /// <summary>Gives the request with its parsed body, or the answer that refuses it. The caller disposes of the request.</summary>
    public async ValueTask<(SignedRequest? Request, Problem? Problem)> AuthenticateAsync(HttpContext context, SignedEndpoint endpoint)
    {
        var (headers, problem) = SignatureHeaders.Read(context.Request.Headers);
        if (headers is null)
        {
            return (null, problem);
        }

        (var body, problem) = await RequestBody.ReadAsync(context.Request, endpoint.MaxBodyBytes, context.RequestAborted);
        if (body is null)
        {
            return (null, problem);
        }

        var document = StrictJson.ParseObject(body.Memory);
        (var application, problem) = await AuthenticateAsync(context, endpoint, headers, body, document);
        // A v2 body is read only now: its signature needs no JSON, and "not JSON" must not be told to strangers before their signature is known to be right.
        problem ??= document is null ? RequestProblems.InvalidJson : null;
        if (problem is null)
        {
            return (new SignedRequest(application!, body, document!), null);
        }

        document?.Dispose();
        body.Dispose();
        return (null, problem);
    }

    private async ValueTask<(Application? Application, Problem? Problem)> AuthenticateAsync(
        HttpContext context, SignedEndpoint endpoint, SignatureHeaders headers, RequestBody body, JsonDocument? document)
    {
        if (headers.Version == 1 && document is null)
        {
            return (null, RequestProblems.InvalidJson);
        }

        var (timestamp, problem) = headers.Version == 1 ? RequestTimestamp.FromBody(document!.RootElement) : RequestTimestamp.FromHeader(headers.Timestamp);
        if (problem is not null)
        {
            return (null, problem);
        }

        if (!RequestTimestamp.IsWithin(timestamp, options.Value.SkewSeconds, clock.GetUtcNow()))
        {
            return (null, RequestProblems.TimestampExpired(options.Value.SkewSeconds));
        }

        var application = await applications.FindAsync(headers.ClientId, context.RequestAborted);
        if (!TryMatchSecret(context, application, headers, body, out var secret))
        {
            return (null, RequestProblems.MalformedTarget);
        }

        if (application is not { Enabled: true } || secret is null)
        {
            return (null, RequestProblems.InvalidSignature);
        }

        secretUsage.Record(secret.Id);
        if (headers.Version < application.MinimumSignatureVersion)
        {
            return (null, RequestProblems.SignatureVersionTooOld);
        }

        var address = IpAddressText.Unmap(context.Connection.RemoteIpAddress ?? IPAddress.None);
        if (!application.AllowedAddresses.Allows(address))
        {
            return (null, RequestProblems.AddressNotAllowed(address.ToString()));
        }

        return await replay.RememberAsync(application, headers, timestamp, endpoint, context.RequestAborted) switch
        {
            ReplayOutcome.New => (application, null),
            ReplayOutcome.Repeated when headers.Version == 1 && endpoint.MayRepeatV1 => (application, null),
            ReplayOutcome.Unknown => (null, CannotTellReplay),
            _ => (null, RequestProblems.Replayed),
        };
    }

    /// <summary>False when the request target is no path, so that nothing could have been signed.</summary>
    private static bool TryMatchSecret(HttpContext context, Application? application, SignatureHeaders headers, RequestBody body, out ApplicationSecret? secret)
    {
        secret = null;
        if (headers.Version == 1)
        {
            secret = SecretMatch.Find(application, body.Span, headers.Signatures);
            return true;
        }

        // The path exactly as the client sent it; the framework's Path is decoded.
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (!target.StartsWith('/'))
        {
            return false;
        }

        var question = target.IndexOf('?', StringComparison.Ordinal);
        var signed = RequestSignatureV2.RentBytesToSign(
            new RequestSignatureV2.Parts(
                context.Request.Method,
                question < 0 ? target : target[..question],
                question < 0 ? string.Empty : target[(question + 1)..],
                headers.Timestamp,
                headers.Nonce,
                headers.ClientId),
            body.Span);
        secret = SecretMatch.Find(application, signed, headers.Signatures);
        ArrayPool<byte>.Shared.Return(signed.Array!);
        return true;
    }
}
