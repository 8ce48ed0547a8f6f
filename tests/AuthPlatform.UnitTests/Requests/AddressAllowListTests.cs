using System.Net;
using AuthPlatform.Contracts.Addresses;
using AuthPlatform.TokenApi.Requests;

namespace AuthPlatform.UnitTests.Requests;

public sealed class AddressAllowListTests
{
    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7", true)]
    [InlineData("203.0.113.7", "203.0.113.8", false)]
    [InlineData("203.0.113.7", "::ffff:203.0.113.7", true)]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7", true)]
    [InlineData("10.0.0.0/8", "10.255.255.255", true)]
    [InlineData("10.0.0.0/8", "11.0.0.0", false)]
    [InlineData("10.1.2.3/8", "10.200.0.1", true)]
    [InlineData("10.0.0.0/255.255.0.0", "10.0.255.1", true)]
    [InlineData("10.0.0.0/255.255.0.0", "10.1.0.0", false)]
    [InlineData("192.0.2.0 - 192.0.2.9", "192.0.2.9", true)]
    [InlineData("192.0.2.0~192.0.2.9", "192.0.2.10", false)]
    [InlineData("0.0.0.0/0", "198.51.100.1", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("0.0.0.0/0.0.0.0", "198.51.100.1", true)]
    [InlineData("::/0", "2001:db8::1", true)]
    [InlineData("::/0", "198.51.100.1", false)]
    [InlineData("2001:db8::/32", "2001:db8:ffff::1", true)]
    [InlineData("2001:db8::/ffff:ffff::", "2001:db9::1", false)]
    [InlineData("2001:db8::1-2001:db8::ff", "2001:db8::80", true)]
    [InlineData("2001:DB8:0:0:0:0:0:1", "2001:db8::1", true)]
    public void Allows_Entry_MatchesItsAddressesOnly(string entry, string address, bool allowed) =>
        Assert.Equal(allowed, new AddressAllowList([entry]).Allows(IPAddress.Parse(address)));

    [Fact]
    public void Allows_EmptyList_AllowsAll() => Assert.True(new AddressAllowList([]).Allows(IPAddress.Parse("198.51.100.1")));

    [Theory]
    [InlineData("")]
    [InlineData("somewhere")]
    [InlineData("1")]
    [InlineData("010.0.0.1")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/8\0")]
    [InlineData("10.0.0.0-10.0.0.9\0")]
    [InlineData("10.0.0.0/255.0.255.0")]
    [InlineData("10.0.0.0/ffff::")]
    [InlineData("10.0.0.9-10.0.0.1")]
    [InlineData("10.0.0.1-2001:db8::1")]
    [InlineData("fe80::1%eth0")]
    [InlineData("[::1]:80")]
    public void Allows_UnreadableEntry_OpensNothing(string entry)
    {
        Assert.Null(AddressRange.Parse(entry));
        Assert.False(new AddressAllowList([entry]).Allows(IPAddress.Loopback));
    }
}
