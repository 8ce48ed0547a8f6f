using AuthPlatform.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Options;

namespace AuthPlatform.UnitTests.ServiceDefaults;

/// <summary>Whom a service takes at their word, and which settings it does not start with.</summary>
public sealed class TrustedProxiesTests
{
    [Theory]
    [InlineData("everybody")]
    [InlineData("")]
    [InlineData("0.0.0.0/0")]
    [InlineData("::/0")]
    [InlineData("10.0.0.0/33")]
    public void Addresses_ThatAreNoneOrEverybodys_AreRefused(string address)
    {
        var refused = Assert.Throws<OptionsValidationException>(() => TrustedProxies.Apply(new ForwardedHeadersOptions(), ["10.0.0.0/8", address], hops: null));

        Assert.Equal($"TrustedProxies:Addresses holds '{address}', which is neither an address nor a network such as 10.0.0.0/8.", Assert.Single(refused.Failures));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("6")]
    [InlineData("-1")]
    [InlineData("many")]
    public void Hops_OutOfRange_AreRefused(string hops)
    {
        var refused = Assert.Throws<OptionsValidationException>(() => TrustedProxies.Apply(new ForwardedHeadersOptions(), ["10.0.0.0/8"], hops));

        Assert.Equal($"TrustedProxies:Hops must be a number from 1 to 5, not '{hops}'.", Assert.Single(refused.Failures));
    }

    [Theory]
    [InlineData(null, 1)]
    [InlineData("", 1)]
    [InlineData("1", 1)]
    [InlineData("5", 5)]
    public void Hops_InRange_AreTheMostThatARequestPasses(string? hops, int expected)
    {
        var forwarded = new ForwardedHeadersOptions();
        TrustedProxies.Apply(forwarded, ["10.0.0.0/8"], hops);

        Assert.Equal(expected, forwarded.ForwardLimit);
    }
}
