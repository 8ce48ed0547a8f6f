using System.Buffers;
using System.Text;
using AuthPlatform.Contracts;
using AuthPlatform.Contracts.Signing;
using AuthPlatform.TokenApi.Requests;
using AuthPlatform.TokenApi.Tokens;
using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Http;

namespace AuthPlatform.Microbenchmarks;

/// <summary>A request before anything is made of it: signed by the client, checked by the service, its body read.</summary>
[MemoryDiagnoser]
public class RequestBenchmarks
{
    private static readonly byte[] IssueBody =
        """{"timestamp":1767225600,"unique_key":"user-1234567890","device":"Pixel 9","ip":"203.0.113.7","claims":{"roles":["reader","writer"],"tenant":"example"}}"""u8.ToArray();

    private readonly DefaultHttpContext _context = new();
    private RequestSignatureV2.Parts _parts;
    private Application _application = null!;
    private string _secret = null!;
    private HeaderDictionary _headersV1 = null!;
    private HeaderDictionary _headersV2 = null!;
    private byte[] _verifyBody = null!;

    [GlobalSetup]
    public void Setup()
    {
        var platform = LivePlatform.Get();
        _application = platform.Application();
        _secret = platform.Secret;
        _parts = new RequestSignatureV2.Parts("POST", "/auth/token", string.Empty, "1767225600", "0123456789abcdef0123456789abcdef", _application.ClientId);
        _headersV1 = new HeaderDictionary { [SigningHeaders.ClientId] = _application.ClientId, [SigningHeaders.Signature] = SignV1() };
        _headersV2 = new HeaderDictionary
        {
            [SigningHeaders.ClientId] = _application.ClientId,
            [SigningHeaders.Signature] = SignV2(),
            [SigningHeaders.Timestamp] = _parts.Timestamp,
            [SigningHeaders.Nonce] = _parts.Nonce,
        };
        _verifyBody = Encoding.UTF8.GetBytes($$"""{"token":"{{platform.AccessToken()}}"}""");
        _context.Request.Method = "POST";
        _context.Request.ContentType = SignedEndpoint.Json;
        _context.Request.ContentLength = IssueBody.Length;
        _context.Request.Body = new MemoryStream(IssueBody);
        Check.That(CheckV1() && CheckV2() && ParseVerifyBody() == 1 && ReadIssueRequest().GetAwaiter().GetResult() == "user-1234567890");
    }

    [Benchmark]
    public string SignV1() => RequestSignatureV1.Sign(_secret, IssueBody);

    [Benchmark]
    public string SignV2() => RequestSignatureV2.Sign(_secret, _parts, IssueBody);

    [Benchmark]
    public bool CheckV1() => SecretMatch.Find(_application, TimeProvider.System.GetUtcNow(), IssueBody, SignatureHeaders.Read(_headersV1).Headers!.Signatures).First is not null;

    [Benchmark]
    public bool CheckV2()
    {
        var signatures = SignatureHeaders.Read(_headersV2).Headers!.Signatures;
        var signed = RequestSignatureV2.RentBytesToSign(_parts, IssueBody);
        var (secret, _) = SecretMatch.Find(_application, TimeProvider.System.GetUtcNow(), signed, signatures);
        ArrayPool<byte>.Shared.Return(signed.Array!);
        return secret is not null;
    }

    [Benchmark]
    public int ParseVerifyBody()
    {
        using var document = StrictJson.ParseObject(_verifyBody)!;
        return document.RootElement.GetPropertyCount();
    }

    [Benchmark]
    public async Task<string> ReadIssueRequest()
    {
        _context.Request.Body.Position = 0;
        var (body, _) = await RequestBody.ReadAsync(_context.Request, SignedEndpoint.Token, CancellationToken.None);
        using var signed = new SignedRequest(_application, body!, StrictJson.ParseObject(body!.Memory)!, version: 2, Task.FromResult<(bool, Problem?)>((false, null)));
        return IssueRequest.Parse(signed).Request!.UniqueKey;
    }
}
