using System.Text;
using AuthPlatform.Contracts;

namespace AuthPlatform.UnitTests;

/// <summary>Names and values of forms: one spelling in, one reading out.</summary>
public sealed class FormTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("!~", "!~")]
    [InlineData("a+b%20c%2B", "a b c+")]
    [InlineData("%41%7e%7E", "A~~")]
    [InlineData("%0a%1F", "\n\u001f")]
    [InlineData("%ec%B2%A0", "철")]
    public void Decode_WellFormed_GivesTheText(string encoded, string decoded) => Assert.Equal(decoded, FormText.Decode(Encoding.UTF8.GetBytes(encoded)));

    [Theory]
    [InlineData("a b")]
    [InlineData("a\u007f")]
    [InlineData("a\0")]
    [InlineData("철")]
    [InlineData("%00")]
    [InlineData("%")]
    [InlineData("a%4")]
    [InlineData("%4\0")]
    [InlineData("%4\0b")]
    [InlineData("%\0\0")]
    [InlineData("%4 ")]
    [InlineData("% 4")]
    [InlineData("%+4")]
    [InlineData("%-0")]
    [InlineData("%0x")]
    [InlineData("%4g")]
    [InlineData("%%41")]
    [InlineData("%C3")]
    public void Decode_AnythingElse_IsNull(string encoded) => Assert.Null(FormText.Decode(Encoding.UTF8.GetBytes(encoded)));

    [Fact]
    public void Decode_LongText_GivesAllOfIt()
    {
        var text = new string('a', 5000);
        Assert.Equal($"{text} ", FormText.Decode(Encoding.ASCII.GetBytes($"{text}+")));
    }
}
