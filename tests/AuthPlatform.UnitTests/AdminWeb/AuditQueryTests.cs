using AuthPlatform.AdminWeb.Applications;
using AuthPlatform.AdminWeb.Audit;
using Npgsql;

namespace AuthPlatform.UnitTests.AdminWeb;

public sealed class AuditQueryTests
{
    /// <summary>Each application gives as many events as are asked for, of which one in so many is left.</summary>
    [Theory]
    [InlineData(2, 101, true)]
    [InlineData(495, 101, true)]
    [InlineData(501, 101, false)]
    [InlineData(10, 5000, true)]
    [InlineData(200, 5000, false)]
    [InlineData(500_000, 5000, false)]
    public void Events_OfSeveralApplications_AreMergedWhereThatReadsFew(int applications, int limit, bool areMerged)
    {
        using var database = NpgsqlDataSource.Create("Host=localhost");
        var search = new AuditSearch(null, null, null, null, null, null, null, null, TimeZoneInfo.Utc);

        using var command = new AuditQuery(database).Command(search, new ApplicationScope(new Guid[applications]), null, limit);

        Assert.Equal(areMerged, command.CommandText.Contains("LATERAL", StringComparison.Ordinal));
    }
}
