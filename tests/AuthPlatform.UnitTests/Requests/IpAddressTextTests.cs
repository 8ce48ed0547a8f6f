using AuthPlatform.Contracts.Addresses;

namespace AuthPlatform.UnitTests.Requests;

public sealed class IpAddressTextTests
{
    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7")]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7")]
    [InlineData("2001:0DB8:0:0:0:0:0:0001", "2001:db8::1")]
    [InlineData("::", "::")]
    public void Canonical_Address_HasOneSpelling(string text, string canonical) => Assert.Equal(canonical, IpAddressText.Canonical(text));

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("127.1")]
    [InlineData("0177.0.0.1")]
    [InlineData("203.0.113.7 ")]
    [InlineData("203.0.113.7:80")]
    [InlineData("[2001:db8::1]")]
    [InlineData("fe80::1%1")]
    [InlineData("2001:db8::1/64")]
    [InlineData("localhost")]
    public void Canonical_AnythingElse_IsRefused(string text) => Assert.Null(IpAddressText.Canonical(text));
}
