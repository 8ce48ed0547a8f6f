using Npgsql;

namespace AuthPlatform.Data.Auth;

/// <summary>Statements that lock several rows, beside others that do.</summary>
public static class StatementConflicts
{
    /// <summary>Two that keep meeting would have to meet again each time.</summary>
    private const int Attempts = 3;

    /// <summary>
    /// Does it again when the server undid it because it and another transaction waited for each other (SQLSTATE class 40). Statements of one user or of one list lock rows
    /// in the order of their ids, but sessions that start together do so user by user.
    /// </summary>
    public static async Task<T> RetryAsync<T>(Func<Task<T>> run)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await run();
            }
            catch (PostgresException exception) when (Is(exception) && attempt < Attempts)
            {
            }
        }
    }

    /// <summary>Whether the server undid a transaction for another's sake.</summary>
    public static bool Is(PostgresException exception) => exception.SqlState.StartsWith("40", StringComparison.Ordinal);
}
