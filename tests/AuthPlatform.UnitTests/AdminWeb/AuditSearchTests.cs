using System.Globalization;
using AuthPlatform.AdminWeb.Audit;

namespace AuthPlatform.UnitTests.AdminWeb;

public sealed class AuditSearchTests
{
    /// <summary>One of them leaves an hour out when summer begins, the other one two.</summary>
    [Theory]
    [InlineData("Europe/Berlin", "2027-03-28T01:30", "2027-03-28T00:30Z")]
    [InlineData("Europe/Berlin", "2027-03-28T02:30", "2027-03-28T01:30Z")]
    [InlineData("Europe/Berlin", "2027-03-28T03:30", "2027-03-28T01:30Z")]
    [InlineData("Antarctica/Troll", "2027-03-28T00:30", "2027-03-28T00:30Z")]
    [InlineData("Antarctica/Troll", "2027-03-28T01:30", "2027-03-28T01:30Z")]
    [InlineData("Antarctica/Troll", "2027-03-28T03:30", "2027-03-28T01:30Z")]
    public void Time_WhereTheClocksArePutForward_IsAMomentAlsoWhenItIsLeftOut(string zone, string text, string expected)
    {
        var search = new AuditSearch(null, null, null, null, null, null, text, text, TimeZoneInfo.FindSystemTimeZoneById(zone));

        Assert.Equal(DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture), search.From);
        Assert.Equal(search.From, search.To);
    }
}
