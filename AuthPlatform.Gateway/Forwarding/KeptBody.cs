using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.Net.Http.Headers;

namespace AuthPlatform.Gateway.Forwarding;

/// <summary>
/// The whole body of a request, kept where the server has received it until the request is answered. It leaves together with the headers, in one packet, which takes less
/// of both sides than one after the other, and it can be sent again when the first replica did not get it.
/// </summary>
internal sealed class KeptBody
{
    /// <summary>Larger bodies are passed on as they come: lists of tokens, which are rare.</summary>
    private const int MaxBytes = 16 * 1024;

    private static readonly HttpRequestOptionsKey<KeptBody> Option = new(nameof(KeptBody));

    private readonly ReadOnlySequence<byte> _bytes;

    private KeptBody(ReadOnlySequence<byte> bytes) => _bytes = bytes;

    public static bool CanBeOf(HttpRequest request) => request.ContentLength is > 0 and <= MaxBytes;

    /// <summary>What is kept of the request, if that is <see cref="UseAsync">in use</see>.</summary>
    public static KeptBody? Of(HttpContext context) => context.Features.Get<KeptBody>();

    /// <summary>Waits for all of the body, and gives its memory back when <paramref name="use"/> has ended.</summary>
    /// <exception cref="BadHttpRequestException">The client ends, or is too slow, before that.</exception>
    public static async Task UseAsync(HttpContext context, Func<Task> use)
    {
        var reader = context.Request.BodyReader;
        ReadResult read;
        try
        {
            read = await reader.ReadAtLeastAsync((int)context.Request.ContentLength!.Value, context.RequestAborted);
        }
        catch (IOException exception) when (exception is not BadHttpRequestException)
        {
            // The request may be told a moment later that its client has gone; until then this would look like a defect.
            throw new BadHttpRequestException("The client has reset its connection", exception);
        }

        context.Features.Set(new KeptBody(read.Buffer));
        try
        {
            await use();
        }
        finally
        {
            context.Features.Set<KeptBody>(null);
            reader.AdvanceTo(read.Buffer.End);
        }
    }

    /// <summary>Lets <see cref="SendTo"/> find it: that sees nothing but the outgoing request.</summary>
    public void AttachTo(HttpRequestMessage request)
    {
        request.Options.Set(Option, this);
        // The client need not wait for the replica's consent any more: all is here.
        request.Headers.Remove(HeaderNames.Expect);
    }

    /// <summary>The handler in front of <paramref name="connections"/>, which sends the body that is attached in the place of the one that the proxy copies.</summary>
    public static HttpMessageHandler SendTo(HttpMessageHandler connections) => new Handler(connections);

    private sealed class Handler(HttpMessageHandler connections) : DelegatingHandler(connections)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Options.TryGetValue(Option, out var body) && request.Content is { } copied)
            {
                request.Content = new Content(body._bytes);
                foreach (var (name, values) in copied.Headers.NonValidated)
                {
                    request.Content.Headers.TryAddWithoutValidation(name, values);
                }
            }

            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class Content(ReadOnlySequence<byte> bytes) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            foreach (var memory in bytes)
            {
                await stream.WriteAsync(memory, cancellationToken);
            }
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override bool TryComputeLength(out long length)
        {
            length = bytes.Length;
            return true;
        }
    }
}
