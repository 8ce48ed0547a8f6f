using Npgsql;

namespace AuthPlatform.Data.Auth;

/// <summary>Statements that lock several rows, beside others that do.</summary>
public static class StatementConflicts
{
    /// <summary>Two that keep meeting would have to meet again each time.</summary>
    private const int Attempts = 3;

    /// <summary>A migration that waits for a table keeps all others from it for longer than they wait at once, and then lets them pass.</summary>
    private const int AttemptsToLock = 2;

    /// <summary>
    /// Does it again when the server undid it because it and another transaction waited for each other (SQLSTATE class 40). Statements of one user or of one list lock rows
    /// in the order of their ids, but sessions that start together do so user by user. And once more when a lock did not come in time.
    /// </summary>
    public static async Task<T> RetryAsync<T>(Func<Task<T>> run)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await run();
            }
            catch (PostgresException exception) when (attempt < (exception.SqlState == PostgresErrorCodes.LockNotAvailable ? AttemptsToLock : Is(exception) ? Attempts : 0))
            {
            }
        }
    }

    /// <summary>Whether the server undid a transaction for another's sake.</summary>
    public static bool Is(PostgresException exception) => exception.SqlState.StartsWith("40", StringComparison.Ordinal);
}
