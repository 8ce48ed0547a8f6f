using AuthPlatform.ServiceDefaults;
using Npgsql;

namespace AuthPlatform.UnitTests.ServiceDefaults;

public sealed class ConnectionPoolTests
{
    [Theory]
    [InlineData("Host=somewhere", 300)]
    [InlineData("Host=somewhere;Connection Lifetime=3600", 3600)]
    [InlineData("Host=somewhere;connectionlifetime=0", 0)]
    public void Limit_OfAConnectionString_EndsConnectionsAfterFiveMinutesUnlessThatSaysOtherwise(string connectionString, int lifetime)
    {
        var limited = new NpgsqlConnectionStringBuilder(ConnectionPool.Limit(connectionString, 7));

        Assert.Equal((7, lifetime), (limited.MaxPoolSize, limited.ConnectionLifetime));
    }
}
