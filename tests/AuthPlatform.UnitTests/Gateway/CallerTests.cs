using System.Net;
using System.Text;
using AuthPlatform.Gateway.Limits;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace AuthPlatform.UnitTests.Gateway;

public sealed class CallerTests
{
    [Theory]
    [InlineData("198.51.100.7", "::ffff:198.51.100.7", true)]
    [InlineData("198.51.100.7", "198.51.100.8", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("0.0.0.1", "::1", false)]
    public void Network_OfTwoAddresses_IsTheSameWithinOneCustomersNetwork(string one, string other, bool same) =>
        Assert.Equal(same, Caller.NetworkOf(IPAddress.Parse(one)) == Caller.NetworkOf(IPAddress.Parse(other)));

    [Theory]
    [InlineData("shop", null, "shop")]
    [InlineData(" shop ", null, "shop")]
    [InlineData(null, "shop:secret", "shop")]
    [InlineData(null, "%73hop:secret", "shop")]
    [InlineData(null, "s%68o%70:sec:ret", "shop")]
    [InlineData("shop", "other:secret", "shop")]
    [InlineData("", "shop:secret", Caller.NoApplication)]
    [InlineData("shop's", null, Caller.NoApplication)]
    [InlineData(null, "shop%:secret", Caller.NoApplication)]
    [InlineData(null, "shop+:secret", Caller.NoApplication)]
    [InlineData(null, "no colon", Caller.NoApplication)]
    [InlineData(null, null, "")]
    public void ClientId_OfARequest_IsWhatItClaims(string? header, string? credentials, string expected)
    {
        var context = new DefaultHttpContext();
        if (header is not null)
        {
            context.Request.Headers["X-Client-Id"] = header;
        }

        if (credentials is not null)
        {
            context.Request.Headers.Authorization = "basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials));
        }

        Assert.Equal(expected, Caller.Of(context).ClientId);
    }

    [Theory]
    [InlineData("Basic !!!", Caller.NoApplication)]
    [InlineData("Basic", "")]
    [InlineData("Bearer abc", "")]
    public void ClientId_OfOtherCredentials_IsNobodys(string authorization, string expected)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Authorization = authorization;
        Assert.Equal(expected, Caller.Of(context).ClientId);
    }

    [Fact]
    public void ClientId_LongInItsSpellingOnly_IsTheSame()
    {
        var clientId = new string('a', 30);
        var context = new DefaultHttpContext();
        context.Request.Headers.Authorization = "Basic " + Convert.ToBase64String(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("%61", 30)) + ":secret"));
        Assert.Equal(clientId, Caller.Of(context).ClientId);
    }

    /// <summary>However much of it there is, and whatever it is: one name is all that is remembered.</summary>
    [Fact]
    public void ClientId_LongerThanAnyOrTwo_IsThatOfAllWhoAreNobody()
    {
        var context = new DefaultHttpContext();
        foreach (var claimed in new StringValues[] { new string('a', 65), new(["shop", "shop"]) })
        {
            context.Request.Headers["X-Client-Id"] = claimed;
            Assert.Equal(Caller.NoApplication, Caller.Of(context).ClientId);
        }

        context.Request.Headers.Remove("X-Client-Id");
        context.Request.Headers.Authorization = "Basic " + new string('A', 8000);
        Assert.Equal(Caller.NoApplication, Caller.Of(context).ClientId);
    }
}
