using Npgsql;

namespace AuthPlatform.AdminWeb.Sessions;

/// <summary>No index has what is looked for in the order of the list, and looking through the rest takes longer than anybody waits for a page. The database is well.</summary>
internal sealed class TooMuchToSearchException(NpgsqlException reason) : TimeoutException("The search takes too long", reason)
{
    /// <summary>Whether a command on an open connection was given up, by us or by a limit of the database's.</summary>
    public static bool Is(NpgsqlException exception) => exception is PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } or { InnerException: TimeoutException };
}
