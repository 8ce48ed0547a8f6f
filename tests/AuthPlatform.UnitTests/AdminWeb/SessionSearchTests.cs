using System.Net;
using AuthPlatform.AdminWeb.Audit;
using AuthPlatform.AdminWeb.Sessions;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace AuthPlatform.UnitTests.AdminWeb;

/// <summary>What is looked for, and how it is told from what is not.</summary>
public sealed class SessionSearchTests
{
    [Theory]
    [InlineData("bob ", "bob ")]
    [InlineData(" ", " ")]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void UserAndDevice_OfASearch_AreWhatWasWritten(string? text, string? expected)
    {
        var search = new SessionSearch(text, text, " 203.0.113.9 ", null, " app ", " ");

        Assert.Equal((expected, expected), (search.User, search.Device));
        Assert.Equal(("203.0.113.9", "app", null), (search.Ip, search.App, search.Key));
    }

    /// <summary>Of 512 characters, each of which is two here: the hash of a part of it would find nothing.</summary>
    [Fact]
    public void Device_OfTheGreatestLength_IsLookedForAsAWhole()
    {
        var device = string.Concat(Enumerable.Repeat("😀", 512));

        Assert.Equal(device, new SessionSearch(null, device, null, null, null, null).Device);
    }

    [Fact]
    public void Search_ThatTakesTooLong_IsToldFromADatabaseThatIsAway()
    {
        Assert.True(TooMuchToSearchException.Is(new NpgsqlException("Exception while reading from stream", new TimeoutException())));
        Assert.True(TooMuchToSearchException.Is(new PostgresException("canceling statement due to statement timeout", "ERROR", "ERROR", PostgresErrorCodes.QueryCanceled)));
        Assert.False(TooMuchToSearchException.Is(new NpgsqlException("Exception while reading from stream", new IOException())));
        Assert.False(TooMuchToSearchException.Is(new PostgresException("the database system is shutting down", "FATAL", "FATAL", PostgresErrorCodes.AdminShutdown)));
    }

    [Theory]
    [InlineData("::ffff:198.51.100.7", "198.51.100.7")]
    [InlineData("198.51.100.7", "198.51.100.7")]
    [InlineData("2001:db8::1", "2001:db8::1")]
    public void Address_OfACaller_IsWrittenAsItIsLookedFor(string address, string expected)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(address);

        Assert.Equal(expected, context.CallerAddress());
        Assert.Equal(expected, new AuditSearch(null, null, null, address, null, null, null, null, TimeZoneInfo.Utc).Address);
    }
}
