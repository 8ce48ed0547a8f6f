using AuthPlatform.AdminWeb;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace AuthPlatform.UnitTests.AdminWeb;

/// <summary>Who comes second is told so, a defect is one, and nobody is told to wait for a store that is there.</summary>
public sealed class OutageTests
{
    public static TheoryData<string, int> Failures => new()
    {
        { PostgresErrorCodes.UniqueViolation, 409 },
        { PostgresErrorCodes.ForeignKeyViolation, 409 },
        { PostgresErrorCodes.StringDataRightTruncation, 500 },
        { PostgresErrorCodes.NotNullViolation, 500 },
        { PostgresErrorCodes.CheckViolation, 500 },
        { PostgresErrorCodes.AdminShutdown, 503 },
        { PostgresErrorCodes.TooManyConnections, 503 },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void Answer_OfPostgres_IsAConflictOnlyWhereSomebodyWasFaster(string state, int expected)
    {
        var failure = new PostgresException("no", "ERROR", "ERROR", state);

        Assert.Equal(expected, Outage.StatusOf(failure));
        Assert.Equal(expected, Outage.StatusOf(new DbUpdateException("wrapped", failure)));
    }

    [Fact]
    public void Change_ThatCameSecond_IsAConflict() => Assert.Equal(409, Outage.StatusOf(new DbUpdateConcurrencyException("0 rows")));

    [Fact]
    public void Postgres_ThatIsAway_IsUnavailable() => Assert.Equal(503, Outage.StatusOf(new InvalidOperationException("wrapped", new NpgsqlException("refused"))));

    [Fact]
    public void Defect_OfOurOwn_IsOne() => Assert.Equal(500, Outage.StatusOf(new InvalidOperationException("a defect")));
}
