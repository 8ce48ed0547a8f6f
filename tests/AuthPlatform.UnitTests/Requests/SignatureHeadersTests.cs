using AuthPlatform.Contracts;
using AuthPlatform.TokenApi.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace AuthPlatform.UnitTests.Requests;

public sealed class SignatureHeadersTests
{
    private const string Signature = "cHekQOCUKm0VYvOWDXr6szutKUdU3cO9hYH3MXb8sPI=";
    private const string Nonce = "nonce-with_allowed-chars";

    [Fact]
    public void Read_V1_HasOneSignature()
    {
        var (headers, _) = Read(("X-Client-Id", "a"), ("X-Signature", Signature));
        Assert.Equal((1, 1), (headers!.Version, headers.Signatures.Count));
    }

    [Fact]
    public void Read_V2WithTwoSignatures_HasBoth()
    {
        var (headers, _) = ReadV2($"v2={Signature}, v2={Signature}");
        Assert.Equal((2, 2), (headers!.Version, headers.Signatures.Count));
    }

    [Theory]
    [InlineData("7077a440e0942a6d1562f3960d7afab33bad294754ddc3bd8581f73176fcb0f2")]
    [InlineData("cHekQOCUKm0VYvOWDXr6szutKUdU3cO9hYH3MXb8sPI")]
    [InlineData("cHekQOCUKm0VYvOWDXr6szutKUdU3cO9hYH3MXb8sPJ=")]
    [InlineData("cHekQOCUKm0VYvOWDXr6szutKUdU3cO9hYH3MXb8sP-=")]
    [InlineData("cHekQOCUKm0VYvOWDXr6szutKUdU3cO9hYH3MXb8sPI=x")]
    [InlineData(" ")]
    [InlineData("é")]
    [InlineData("v3=cHekQOCUKm0VYvOWDXr6szutKUdU3cO9hYH3MXb8sPI=")]
    public void Read_OtherEncodings_LeaveNoSignature(string signature)
    {
        Assert.Empty(Read(("X-Client-Id", "a"), ("X-Signature", signature)).Headers!.Signatures);
        Assert.Empty(ReadV2("v2=" + signature).Headers!.Signatures);
    }

    [Fact]
    public void Read_ThreeSignatures_LeaveNone() => Assert.Empty(ReadV2($"v2={Signature},v2={Signature},v2={Signature}").Headers!.Signatures);

    [Theory]
    [InlineData("short")]
    [InlineData("fifteen-letters")]
    [InlineData("sixteen letters!")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123x")]
    public void Read_OtherNonces_AreRefused(string nonce) =>
        Assert.Equal(RequestProblems.MalformedNonce, Read(("X-Client-Id", "a"), ("X-Signature", "v2=" + Signature), ("X-Timestamp", "1"), ("X-Nonce", nonce)).Problem);

    [Fact]
    public void Read_MissingOrEmptyHeaders_AreMissing()
    {
        Assert.Equal(RequestProblems.MissingHeaders, Read().Problem);
        Assert.Equal(RequestProblems.MissingHeaders, Read(("X-Client-Id", "a")).Problem);
        Assert.Equal(RequestProblems.MissingHeaders, Read(("X-Client-Id", ""), ("X-Signature", Signature)).Problem);
        Assert.Equal(RequestProblems.MissingHeaders, Read(("X-Client-Id", "a"), ("X-Signature", "v2=" + Signature), ("X-Nonce", Nonce)).Problem);
    }

    [Fact]
    public void Read_HeadersSentTwice_AreOneWithBothValues()
    {
        Assert.Equal(2, ReadV2(new StringValues(["v2=" + Signature, "v2=" + Signature])).Headers!.Signatures.Count);
        Assert.Empty(Read(("X-Client-Id", "a"), ("X-Signature", new StringValues([Signature, Signature]))).Headers!.Signatures);
        Assert.Equal("a,b", Read(("X-Client-Id", new StringValues(["a", "b"])), ("X-Signature", Signature)).Headers!.ClientId);
    }

    private static (SignatureHeaders? Headers, Problem? Problem) ReadV2(StringValues signature) =>
        Read(("X-Client-Id", "a"), ("X-Signature", signature), ("X-Timestamp", "1"), ("X-Nonce", Nonce));

    private static (SignatureHeaders? Headers, Problem? Problem) Read(params (string Name, StringValues Value)[] headers)
    {
        var dictionary = new HeaderDictionary();
        foreach (var (name, value) in headers)
        {
            dictionary[name] = value;
        }

        return SignatureHeaders.Read(dictionary);
    }
}
