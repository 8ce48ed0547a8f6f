using System.Text;
using AuthPlatform.TokenApi.Requests;

namespace AuthPlatform.UnitTests.Requests;

/// <summary>Forms that nobody can read differently.</summary>
public sealed class FormParametersTests
{
    [Theory]
    [InlineData("token=a", "a")]
    [InlineData("x=1&token=a&y=2", "a")]
    [InlineData("token=a+b%20c%2B%26%3D", "a b c+&=")]
    [InlineData("token=%EC%B2%A0%EC%88%98", "철수")]
    [InlineData("token=a=b", "a=b")]
    [InlineData("to%6ben=a", "a")]
    [InlineData("token=", null)]
    [InlineData("token", null)]
    [InlineData("", null)]
    [InlineData("Token=a", null)]
    public void Form_WellFormed_GivesItsParameters(string body, string? token) =>
        Assert.Equal(token, FormParameters.Parse(Encoding.UTF8.GetBytes(body))!["token"]);

    [Theory]
    [InlineData("token=a&token=b")]
    [InlineData("token=a&token=a")]
    [InlineData("token=&token=a")]
    [InlineData("token=a&to%6Ben=b")]
    [InlineData("token=%00")]
    [InlineData("token=%")]
    [InlineData("token=%4")]
    [InlineData("token=%zz")]
    [InlineData("token=%C3")]
    [InlineData("token=%ED%A0%80")]
    [InlineData("token=%C0%AF")]
    [InlineData("token=철수")]
    [InlineData("token=a b")]
    [InlineData("token=a\r\n")]
    public void Form_OfTwoReadings_IsRefused(string body) => Assert.Null(FormParameters.Parse(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void Form_OfManyParameters_IsRefused()
    {
        string Form(int count) => string.Join('&', Enumerable.Range(0, count).Select(i => $"p{i}=1"));
        Assert.NotNull(FormParameters.Parse(Encoding.ASCII.GetBytes(Form(32))));
        Assert.Null(FormParameters.Parse(Encoding.ASCII.GetBytes(Form(33))));
    }
}
