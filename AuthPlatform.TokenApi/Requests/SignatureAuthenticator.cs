using System.Buffers;
using AuthPlatform.Contracts;
using AuthPlatform.Contracts.Signing;
using AuthPlatform.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>
/// Authenticates the bytes of a signed request, whatever they mean, in the order of the contract: timestamp, application, signature, enabled, address, replay.
/// The order matters: whatever comes before the signature says nothing about the application, and only a right signature may cost memory.
/// </summary>
internal sealed class SignatureAuthenticator(
    ApplicationSnapshots applications,
    ReplayGuard replay,
    TokenMetrics metrics,
    SecretUsage secretUsage,
    IOptions<SignedRequestOptions> options,
    TimeProvider clock)
{
    private static readonly Problem CannotTellReplay = CommonProblems.TemporarilyUnavailable with
    {
        Detail = "The replay memory does not answer; sign the request again and retry",
        RetryAfterSeconds = 1,
    };

    /// <summary>
    /// Gives the application that signed and the secret it signed with, or the answer that refuses the request. All but the replay, which is asked for with
    /// <see cref="RememberAsync"/>.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="headers">Its signing headers.</param>
    /// <param name="body">The bytes of its body.</param>
    /// <param name="timestamp">When it says that it was signed; a header or a member of the body, by version.</param>
    public async ValueTask<(Application? Application, ApplicationSecret? Secret, Problem? Problem)> AuthenticateAsync(
        HttpContext context, SignatureHeaders headers, RequestBody body, long timestamp)
    {
        if (!RequestTimestamp.IsWithin(timestamp, options.Value.SkewSeconds, clock.GetUtcNow()))
        {
            return (null, null, RequestProblems.TimestampExpired(options.Value.SkewSeconds));
        }

        var application = await applications.FindAsync(headers.ClientId, context.RequestAborted);
        context.Features.Set(application);
        if (!TryMatchSecret(context, application, headers, body, out var secrets))
        {
            return (null, null, RequestProblems.MalformedTarget);
        }

        if (application is not { Enabled: true } || secrets.First is not { } secret)
        {
            return (null, null, RequestProblems.InvalidSignature);
        }

        secretUsage.Record(secret.Id, context.Connection.RemoteIpAddress);
        if (secrets.Second is { } other)
        {
            secretUsage.Record(other.Id, context.Connection.RemoteIpAddress);
        }

        if (headers.Version < application.MinimumSignatureVersion)
        {
            return (null, null, RequestProblems.SignatureVersionTooOld);
        }

        return application.AllowedAddresses.Refuse(context) is { } refusal ? (null, null, refusal) : (application, secret, null);
    }

    /// <summary>Remembers the request, and gives the answer that refuses it when it was seen before; at an endpoint that answers repeats, that it was.</summary>
    /// <param name="context">The request.</param>
    /// <param name="application">The application that signed it.</param>
    /// <param name="endpoint">The endpoint that was called.</param>
    /// <param name="headers">Its signing headers.</param>
    /// <param name="timestamp">When it says that it was signed.</param>
    public async Task<(bool IsRepeated, Problem? Problem)> RememberAsync(HttpContext context, Application application, SignedEndpoint endpoint, SignatureHeaders headers, long timestamp)
    {
        var outcome = await replay.RememberAsync(application, headers, timestamp, endpoint, context.RequestAborted);
        metrics.Remembered(outcome);
        return outcome switch
        {
            ReplayOutcome.New => (false, null),
            ReplayOutcome.Repeated when headers.Version == 1 && endpoint.MayRepeatV1 => (false, null),
            ReplayOutcome.Repeated when endpoint.AnswersRepeats => (true, null),
            ReplayOutcome.Unknown => (false, CannotTellReplay),
            _ => (false, RequestProblems.Replayed),
        };
    }

    /// <summary>False when the request target is no path, so that nothing could have been signed.</summary>
    private bool TryMatchSecret(HttpContext context, Application? application, SignatureHeaders headers, RequestBody body, out (ApplicationSecret? First, ApplicationSecret? Second) secrets)
    {
        secrets = default;
        if (headers.Version == 1)
        {
            secrets = SecretMatch.Find(application, clock.GetUtcNow(), body.Span, headers.Signatures);
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
        secrets = SecretMatch.Find(application, clock.GetUtcNow(), signed, headers.Signatures);
        ArrayPool<byte>.Shared.Return(signed.Array!);
        return true;
    }
}
