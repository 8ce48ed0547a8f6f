using AuthPlatform.Data.Auth;
using Npgsql;

namespace AuthPlatform.UnitTests.Data;

public sealed class StatementConflictsTests
{
    /// <summary>A migration that waits for a table keeps everybody from it for longer than one try; others may keep it for ever.</summary>
    [Theory]
    [InlineData(PostgresErrorCodes.LockNotAvailable, 2)]
    [InlineData(PostgresErrorCodes.DeadlockDetected, 3)]
    [InlineData(PostgresErrorCodes.UniqueViolation, 1)]
    public async Task RetryAsync_OfWhatIsRefusedAgainAndAgain_GivesUp(string sqlState, int attempts)
    {
        var tried = 0;

        var failure = await Assert.ThrowsAsync<PostgresException>(() => StatementConflicts.RetryAsync<int>(() =>
        {
            tried++;
            throw new PostgresException("refused", "ERROR", "ERROR", sqlState);
        }));

        Assert.Equal((sqlState, attempts), (failure.SqlState, tried));
    }
}
