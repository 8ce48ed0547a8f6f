using System.Text;
using AuthPlatform.Contracts;

namespace AuthPlatform.UnitTests.KeyManager;

public sealed class SigningFramesTests
{
    [Fact]
    public void Read_WhatWasWritten_GivesThePayloadsByteForByte()
    {
        // What looks like another frame within a payload is a part of it.
        string[] payloads = ["{}", "{\"a\":\"ü\"}", "", "{\n\"x\":1}\nother at+jwt 2\n{}"];
        var read = SigningFrames.Read(SigningFrames.Write([.. payloads.Select((payload, i) => new SigningRequest($"app-{i}", "at+jwt", Encoding.UTF8.GetBytes(payload)))]));

        Assert.NotNull(read);
        Assert.Equal(payloads.Select((payload, i) => ($"app-{i}", "at+jwt", payload)), read.Select(r => (r.ClientId, r.Type, Encoding.UTF8.GetString(r.Payload.Span))));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("{}")]
    [InlineData("app at+jwt 2\n{")]
    [InlineData("app at+jwt 2\n{}x")]
    [InlineData("app at+jwt 2")]
    [InlineData("app at+jwt\n{}")]
    [InlineData("app  2\n{}", true)]
    [InlineData(" at+jwt 2\n{}")]
    [InlineData("app at+jwt \n{}")]
    [InlineData("app at+jwt -1\n{}")]
    [InlineData("app at+jwt 2 \n{}")]
    [InlineData("app at+jwt 2147483647\n{}")]
    [InlineData("app at+jwt 99999999999999999999\n{}")]
    [InlineData("app at+jwt 0x2\n{}")]
    public void Read_AnythingElse_IsNullOrHasNoKnownType(string body, bool isFrame = false)
    {
        var read = SigningFrames.Read(Encoding.UTF8.GetBytes(body));
        Assert.Equal(isFrame, read is not null);
        Assert.True(read is null || Assert.Single(read).Type.Length == 0);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(KeyManagerContract.MaxSignatures, true)]
    [InlineData(KeyManagerContract.MaxSignatures + 1, false)]
    public void Read_ManyPayloads_AreTakenUpToTheLimit(int count, bool expected) =>
        Assert.Equal(expected, SigningFrames.Read(SigningFrames.Write([.. Enumerable.Repeat(new SigningRequest("app", "JWT", "{}"u8.ToArray()), count)])) is not null);

    [Fact]
    public void Request_AsText_HoldsNoPayload() =>
        Assert.Equal("SigningRequest { ClientId = app, Type = JWT }", new SigningRequest("app", "JWT", "{}"u8.ToArray()).ToString());
}
