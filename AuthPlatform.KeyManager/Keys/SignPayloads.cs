using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using AuthPlatform.Contracts;
using AuthPlatform.ServiceDefaults.Problems;

namespace AuthPlatform.KeyManager.Keys;

/// <summary><c>POST /internal/sign</c>: payloads come in, compact JWSs go out, the private keys stay. What cannot be signed is refused by itself and spoils no other.</summary>
internal sealed class SignPayloads(KeyRing ring, TimeProvider clock, KeyMetrics metrics)
{
    private static readonly ParallelOptions Processors = new() { MaxDegreeOfParallelism = Environment.ProcessorCount };

    private static readonly Problem Malformed = new(
        StatusCodes.Status400BadRequest, ErrorCodes.InvalidRequest, OAuthErrors.InvalidRequest, "Each payload must come after the line \"{client_id} {typ} {length}\"; a Content-Length is needed");

    public async Task HandleAsync(HttpContext context)
    {
        var length = context.Request.ContentLength ?? 0;
        if (length > KeyManagerContract.MaxSigningLength)
        {
            await ProblemResponse.WriteAsync(context, CommonProblems.BodyTooLarge);
            return;
        }

        var buffer = ArrayPool<byte>.Shared.Rent((int)length);
        try
        {
            var body = buffer.AsMemory(0, (int)length);
            await context.Request.Body.ReadExactlyAsync(body, context.RequestAborted);
            if (SigningFrames.Read(body) is { } requests)
            {
                await AnswerAsync(context, requests);
            }
            else
            {
                await ProblemResponse.WriteAsync(context, Malformed);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task AnswerAsync(HttpContext context, IReadOnlyList<SigningRequest> requests)
    {
        // One look for all applications that are not known here, and a short one: the others wait for it.
        var isUpToDate = requests.All(IsKnown) || await ring.RefreshBrieflyAsync(context.RequestAborted);
        var lines = new Line[requests.Count];
        var length = 0;
        for (var i = 0; i < lines.Length; i++)
        {
            lines[i] = ToLine(requests[i], isUpToDate, length);
            length += lines[i].Length;
        }

        if (lines.Length > 0 && Array.TrueForAll(lines, static line => line.Status == StatusCodes.Status503ServiceUnavailable))
        {
            // Not an answer with a refusal in each line: the caller shall ask another replica, which may be able to.
            await ProblemResponse.WriteAsync(context, CommonProblems.TemporarilyUnavailable);
            return;
        }

        context.Response.ContentType = "text/plain";
        context.Response.ContentLength = length;
        context.Response.Headers.CacheControl = "no-store";
        var answer = context.Response.BodyWriter.GetMemory(length)[..length];
        if (lines is [var only])
        {
            Write(only, answer.Span);
        }
        else
        {
            // The signatures are all the work there is; each processor takes its share.
            Parallel.For(0, lines.Length, Processors, i => Write(lines[i], answer.Span.Slice(lines[i].Start, lines[i].Length)));
        }

        context.Response.BodyWriter.Advance(length);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    /// <summary>Whether there is no reason to ask the database about the application; none can have a name that is not well-formed.</summary>
    private bool IsKnown(SigningRequest request) => !ClientId.IsWellFormed(request.ClientId) || ring.Find(request.ClientId) is not null;

    private Line ToLine(SigningRequest request, bool isUpToDate, int start)
    {
        var (signer, status) = Find(request, isUpToDate);
        var prefix = signer?.AnswerPrefix ?? SigningFrames.Refusal(status);
        return new Line(request, signer, status, prefix, start, prefix.Length + (signer?.LengthOf(request.Type, request.Payload.Length) ?? 0) + 1);
    }

    private (Signer? Signer, int Status) Find(SigningRequest request, bool isUpToDate)
    {
        if (request.Payload.Length > KeyManagerContract.MaxPayloadLength)
        {
            return (null, StatusCodes.Status413PayloadTooLarge);
        }

        if (!Signer.Takes(request.Type) || !IsJsonObject(request.Payload.Span))
        {
            return (null, StatusCodes.Status400BadRequest);
        }

        if (!ClientId.IsWellFormed(request.ClientId))
        {
            return (null, StatusCodes.Status404NotFound);
        }

        var keys = ring.Find(request.ClientId);
        return keys?.Signer is { } signer && ring.MaySign ? (signer, StatusCodes.Status200OK)
            : (null, keys is null && isUpToDate ? StatusCodes.Status404NotFound : StatusCodes.Status503ServiceUnavailable);
    }

    private void Write(Line line, Span<byte> destination)
    {
        line.Prefix.Span.CopyTo(destination);
        destination[^1] = (byte)'\n';
        if (line.Signer is { } signer)
        {
            var started = clock.GetTimestamp();
            signer.Sign(line.Request.Type, line.Request.Payload.Span, destination[line.Prefix.Length..^1]);
            metrics.Signed(line.Request.Type, clock.GetElapsedTime(started));
        }
    }

    /// <summary>Looks only at the form: what the claims mean is the Token API's business.</summary>
    private static bool IsJsonObject(ReadOnlySpan<byte> utf8)
    {
        if (!Utf8.IsValid(utf8))
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(utf8);
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject && reader.TrySkip() && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>A line of the answer and where it stands; without a signer it is a refusal.</summary>
    private readonly record struct Line(SigningRequest Request, Signer? Signer, int Status, ReadOnlyMemory<byte> Prefix, int Start, int Length);
}
