using System.Text;
using AuthPlatform.Contracts;

namespace AuthPlatform.UnitTests.Requests;

public sealed class StrictJsonTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("""{"a":1,"b":{"a":[1,2,{"a":null}]}}""")]
    [InlineData("""{"text":"사용자 é \u00e9 \ud83d\ude00 \\u0000 \\\\"}""")]
    public void Object_Sound_IsRead(string json)
    {
        using var document = StrictJson.ParseObject(Encoding.UTF8.GetBytes(json));
        Assert.NotNull(document);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("{}{}")]
    [InlineData("{'a':1}")]
    [InlineData("""{"a":1,}""")]
    [InlineData("""{"a":NaN}""")]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("""{"a":1,"\u0061":2}""")]
    [InlineData("""{"a":{"b":1,"b":1}}""")]
    [InlineData("""{"a":"\u0000"}""")]
    [InlineData("""{"a":"\\\u0000"}""")]
    [InlineData("""{"\u0000":1}""")]
    [InlineData("""{"a":"\ud800"}""")]
    [InlineData("""{"a":"\ud800\u0041"}""")]
    [InlineData("""{"a":"\udc00"}""")]
    [InlineData("""{"a":"\ud800\ud800"}""")]
    [InlineData("\ufeff{}")]
    public void Object_Unsound_IsRefused(string json) => Assert.Null(StrictJson.ParseObject(Encoding.UTF8.GetBytes(json)));

    /// <summary>As many as a request has room for: the last is compared with all the others.</summary>
    [Fact]
    public void Object_OfThousandsOfNames_IsReadUnlessOneComesTwice()
    {
        var members = string.Join(',', Enumerable.Range(0, 7000).Select(i => $"\"{i:x}\":0"));
        using var document = StrictJson.ParseObject(Encoding.UTF8.GetBytes($"{{{members}}}"));

        Assert.Equal(7000, document?.RootElement.EnumerateObject().Count());
        Assert.Null(StrictJson.ParseObject(Encoding.UTF8.GetBytes($"{{{members},\"0\":0}}")));
    }

    [Fact]
    public void Object_InvalidUtf8_IsRefused() => Assert.Null(StrictJson.ParseObject(new byte[] { (byte)'{', (byte)'"', 0xC3, 0x28, (byte)'"', (byte)':', (byte)'1', (byte)'}' }));

    [Fact]
    public void Object_Utf16_IsRefused() => Assert.Null(StrictJson.ParseObject(Encoding.Unicode.GetBytes("{}")));

    [Fact]
    public void Object_TenThousandDeep_IsRefused() =>
        Assert.Null(StrictJson.ParseObject(Encoding.UTF8.GetBytes("{\"a\":" + new string('[', 10_000) + new string(']', 10_000) + "}")));
}
