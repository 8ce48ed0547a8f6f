using System.Buffers.Text;
using System.Text;
using AuthPlatform.TokenApi.Tokens;

namespace AuthPlatform.UnitTests.Tokens;

/// <summary>What is refused on the bytes of a token, before any key is looked up.</summary>
public sealed class JwsShapeTests
{
    private const string GoodHeader = """{"alg":"RS256","kid":"20251009-1","typ":"at+jwt"}""";

    [Fact]
    public void Read_OurShape_GivesKeyTypeAndPayload()
    {
        var shape = JwsShape.Read(Token(GoodHeader));
        Assert.Equal(("20251009-1", "at+jwt", "{\"a\":1}"), (shape?.KeyId, shape?.Type, Encoding.UTF8.GetString(shape?.Payload ?? [])));
    }

    /// <summary>Which still live: Python's libraries put <c>typ</c> first, last or in the alphabet, and some put space between.</summary>
    [Theory]
    [InlineData("""{"alg":"RS256","kid":"20240131-1","typ":"JWT"}""")]
    [InlineData("""{"typ":"JWT","alg":"RS256","kid":"20240131-1"}""")]
    [InlineData("""{"alg": "RS256", "typ": "JWT", "kid": "20240131-1"}""")]
    public void Read_HeadersOfTheOlderService_AreTaken(string header) => Assert.Equal("JWT", JwsShape.Read(Token(header))?.Type);

    [Theory]
    [InlineData("""{"alg":"none","kid":"k","typ":"at+jwt"}""")]
    [InlineData("""{"alg":"None","kid":"k","typ":"at+jwt"}""")]
    [InlineData("""{"alg":"nOnE","kid":"k","typ":"at+jwt"}""")]
    [InlineData("""{"alg":"","kid":"k","typ":"at+jwt"}""")]
    [InlineData("""{"alg":["RS256"],"kid":"k","typ":"at+jwt"}""")]
    [InlineData("""{"kid":"k","typ":"at+jwt"}""")]
    [InlineData("""{"alg":"HS256","kid":"k","typ":"at+jwt"}""")]
    [InlineData("""{"alg":"RS384","kid":"k","typ":"at+jwt"}""")]
    [InlineData("""{"alg":"RS512","kid":"k","typ":"at+jwt"}""")]
    [InlineData("""{"alg":"PS256","kid":"k","typ":"at+jwt"}""")]
    [InlineData("""{"alg":"ES256","kid":"k","typ":"at+jwt"}""")]
    [InlineData("""{"alg":"rs256","kid":"k","typ":"at+jwt"}""")]
    [InlineData("""{"alg":"RS256","typ":"at+jwt"}""")]
    [InlineData("""{"alg":"RS256","kid":"","typ":"at+jwt"}""")]
    [InlineData("""{"alg":"RS256","kid":1,"typ":"at+jwt"}""")]
    [InlineData("""{"alg":"RS256","kid":["k"],"typ":"at+jwt"}""")]
    [InlineData("""{"alg":"RS256","kid":"\u0000","typ":"at+jwt"}""")]
    [InlineData("""{"alg":"RS256","kid":"k","typ":"at+jwt","jwk":{"kty":"RSA"}}""")]
    [InlineData("""{"alg":"RS256","kid":"k","typ":"at+jwt","jku":"https://evil.example"}""")]
    [InlineData("""{"alg":"RS256","kid":"k","typ":"at+jwt","x5u":"https://evil.example"}""")]
    [InlineData("""{"alg":"RS256","kid":"k","typ":"at+jwt","x5c":["MII"]}""")]
    [InlineData("""{"alg":"RS256","kid":"k","typ":"at+jwt","x5t":"a"}""")]
    [InlineData("""{"alg":"RS256","kid":"k","typ":"at+jwt","crit":["exp"]}""")]
    [InlineData("""{"alg":"RS256","kid":"k","typ":"at+jwt","b64":false}""")]
    [InlineData("""{"alg":"RS256","kid":"k","typ":"at+jwt","cty":"JWT"}""")]
    [InlineData("""{"alg":"dir","enc":"A256GCM","zip":"DEF","kid":"k","typ":"at+jwt"}""")]
    [InlineData("""{"alg":"RS256","alg":"RS256","kid":"k","typ":"at+jwt"}""")]
    [InlineData("""{"alg":"RS256","kid":"k"}""")]
    [InlineData("[]")]
    [InlineData("not json")]
    public void Read_OtherHeaders_AreRefused(string header) => Assert.Null(JwsShape.Read(Token(header)));

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("\ufeff{}")]
    [InlineData("{\"a\":\"\\ud800\"}")]
    public void Read_OtherPayloads_AreRefused(string payload) => Assert.Null(JwsShape.Read(Token(GoodHeader, payload)));

    [Fact]
    public void Read_OtherSegments_AreRefused()
    {
        var good = Token(GoodHeader);
        foreach (var bad in new[] { "", ".", "..", "...", "a.b", good + ".", "." + good, good + "=", good + "\n", " " + good, good + ".a.b", good.Replace('.', ':'), $"{{\"payload\":\"{good}\"}}" })
        {
            Assert.Null(JwsShape.Read(bad));
        }
    }

    [Fact]
    public void Read_TrailingBitsSet_IsRefused()
    {
        // One byte takes two characters, of which the last four bits are unused.
        Assert.NotNull(JwsShape.Read(Unsigned(GoodHeader) + ".AA"));
        Assert.Null(JwsShape.Read(Unsigned(GoodHeader) + ".AB"));
    }

    [Fact]
    public void Read_OverEightKilobytes_IsRefused() => Assert.Null(JwsShape.Read(Token(GoodHeader, $$"""{"a":"{{new string('x', 8 * 1024)}}"}""")));

    [Fact]
    public void Read_KeyIdOfSixtyFourKilobytes_IsRefused() =>
        Assert.Null(JwsShape.Read(Token($$"""{"alg":"RS256","kid":"{{new string('k', 65)}}","typ":"at+jwt"}""")));

    private static string Token(string header, string payload = "{\"a\":1}") => Unsigned(header, payload) + ".c2lnbmF0dXJl";

    private static string Unsigned(string header, string payload = "{\"a\":1}") =>
        $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload))}";
}
