using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace AuthPlatform.Contracts;

/// <summary>
/// How payloads go to the Key Manager and tokens come back, several at a time and none of them wrapped in JSON: a payload is preceded by the line
/// <c>{client_id} {typ} {length}</c>, so that nothing in it can be taken for the beginning of another; the answer has one line for each, <c>200 {kid} {token}</c> or the
/// status of its refusal.
/// </summary>
public static class SigningFrames
{
    private const byte LineEnd = (byte)'\n';
    private const byte Space = (byte)' ';
    private const int Signed = 200;

    /// <summary>The body of a request.</summary>
    public static ReadOnlyMemory<byte> Write(IReadOnlyList<SigningRequest> requests)
    {
        // At least one byte: the writer takes no capacity of nothing.
        var buffer = new ArrayBufferWriter<byte>(1 + requests.Sum(request => request.Payload.Length + ClientId.MaxLength + 16));
        foreach (var request in requests)
        {
            Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{request.ClientId} {request.Type} {request.Payload.Length}\n"), buffer);
            buffer.Write(request.Payload.Span);
        }

        return buffer.WrittenMemory;
    }

    /// <summary>Takes a body apart; null when it is none, or has more than <see cref="KeyManagerContract.MaxSignatures"/> payloads.</summary>
    public static IReadOnlyList<SigningRequest>? Read(ReadOnlyMemory<byte> body)
    {
        var requests = new List<SigningRequest>();
        while (!body.IsEmpty && requests.Count < KeyManagerContract.MaxSignatures)
        {
            if (ReadNext(ref body) is not { } request)
            {
                return null;
            }

            requests.Add(request);
        }

        return body.IsEmpty ? requests : null;
    }

    /// <summary>What comes before the token in the line of an answer.</summary>
    public static byte[] TokenPrefix(string keyId) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Signed} {keyId} "));

    /// <summary>The line of a refusal, without its end.</summary>
    public static byte[] Refusal(int status) => Encoding.ASCII.GetBytes(status.ToString(CultureInfo.InvariantCulture));

    /// <summary>Takes an answer apart: for each payload its token or the status of its refusal; null when it does not have exactly so many lines.</summary>
    public static IReadOnlyList<(SignedToken? Token, int Status)>? ReadAnswer(ReadOnlySpan<byte> answer, int count)
    {
        var tokens = new List<(SignedToken?, int)>(count);
        while (!answer.IsEmpty && answer.IndexOf(LineEnd) is >= 0 and var end)
        {
            tokens.Add(ReadLine(answer[..end]));
            answer = answer[(end + 1)..];
        }

        return answer.IsEmpty && tokens.Count == count ? tokens : null;
    }

    private static SigningRequest? ReadNext(ref ReadOnlyMemory<byte> body)
    {
        // A well-formed line is short; looking further for its end would be wasted.
        var line = body.Span[..Math.Min(body.Length, ClientId.MaxLength + 32)];
        var (first, end) = (line.IndexOf(Space), line.IndexOf(LineEnd));
        if (first <= 0 || end < first)
        {
            return null;
        }

        var second = first + 1 + line[(first + 1)..end].IndexOf(Space);
        if (second <= first || !Utf8Parser.TryParse(line[(second + 1)..end], out int length, out var read) || read != end - second - 1 || length < 0 || length > body.Length - end - 1)
        {
            return null;
        }

        var request = new SigningRequest(Encoding.ASCII.GetString(line[..first]), Encoding.ASCII.GetString(line[(first + 1)..second]), body.Slice(end + 1, length));
        body = body[(end + 1 + length)..];
        return request;
    }

    private static (SignedToken? Token, int Status) ReadLine(ReadOnlySpan<byte> line)
    {
        if (!Utf8Parser.TryParse(line, out int status, out var read) || status != Signed)
        {
            return (null, status);
        }

        var rest = line[Math.Min(read + 1, line.Length)..];
        var space = rest.IndexOf(Space);
        return space <= 0 ? (null, 0) : (new SignedToken(Encoding.ASCII.GetString(rest[(space + 1)..]), Encoding.ASCII.GetString(rest[..space])), status);
    }
}
