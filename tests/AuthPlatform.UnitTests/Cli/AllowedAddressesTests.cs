using AuthPlatform.Cli.Import;

namespace AuthPlatform.UnitTests.Cli;

/// <summary>Lists of addresses, compared by whom they let in and not by how they are written.</summary>
public sealed class AllowedAddressesTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("0.0.0.0/0 ::/0", true)]
    [InlineData("::/0 10.0.0.0/8 128.0.0.0/1 0.0.0.0-127.255.255.255", true)]
    [InlineData("8000::/1 ::/1 0.0.0.0/0.0.0.0", true)]
    [InlineData("0.0.0.0/0 ::/0 nonsense", true)]
    [InlineData("0.0.0.0/0", false)]
    [InlineData("::/0", false)]
    [InlineData("0.0.0.0/0 ::/1", false)]
    [InlineData("0.0.0.1-255.255.255.255 ::/0", false)]
    [InlineData("0.0.0.0-9.255.255.255 11.0.0.0-255.255.255.255 ::/0", false)]
    [InlineData("nonsense", false)]
    public void List_ThatCoversBothFamilies_IsEveryAddress(string list, bool expected) => Assert.Equal(expected, Read(list).AreAll);

    [Theory]
    [InlineData("10.0.0.0/8", "10.0.0.0/255.0.0.0", true)]
    [InlineData("10.128.0.0/9 10.0.0.0/9", "10.0.0.0/8", true)]
    [InlineData("10.0.0.0/8 10.1.0.0/16", "10.0.0.0/8", true)]
    [InlineData("10.0.0.0/9 10.0.0.0/8", "10.0.0.0/8", true)]
    [InlineData("2001:db8::/32 10.0.0.1", "10.0.0.1 2001:db8::/32", true)]
    [InlineData("", "::/0 0.0.0.0/0", true)]
    [InlineData("10.0.0.0/8", "10.0.0.0/9", false)]
    [InlineData("10.0.0.1 10.0.0.3", "10.0.0.1-10.0.0.3", false)]
    [InlineData("0.0.0.1", "::1", false)]
    [InlineData("", "0.0.0.0/0", false)]
    public void Lists_OfTheSameAddresses_AreTheSameHoweverTheyAreWritten(string one, string other, bool expected)
    {
        Assert.Equal(expected, Read(one).AreThoseOf(Read(other)));
        Assert.Equal(expected, Read(other).AreThoseOf(Read(one)));
    }

    private static AllowedAddresses Read(string list) => new(list.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
