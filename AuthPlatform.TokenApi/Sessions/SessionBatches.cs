using AuthPlatform.Data.Auth;
using Npgsql;
using Application = AuthPlatform.TokenApi.Requests.Application;

namespace AuthPlatform.TokenApi.Sessions;

/// <summary>What the batches of statements on sessions have in common.</summary>
internal static class SessionBatches
{
    /// <summary>One that waits for a user's lock does not hold up the others for long; more would only make each smaller.</summary>
    public const int Concurrency = 2;

    public const int MaxSize = 64;

    /// <summary>Tokens come from the Key Manager many at a time, and each is followed by its session: that is a burst, and a transaction costs as much as several sessions.</summary>
    public static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(2);

    /// <summary>What the server refused for one row's sake, or because somebody held what it wanted: SQLSTATE classes 22, 23 and 40. The transaction is undone then.</summary>
    public static bool Spoils(Exception exception) =>
        exception is PostgresException refusal && (refusal.SqlState is ['2', '2' or '3', ..] || StatementConflicts.Is(refusal));

    /// <summary>The name under which the sessions of a user are locked.</summary>
    public static string UserLock(Application application, string uniqueKey) => $"{application.Id}/{uniqueKey}";

    /// <summary>One column of all items, as an array.</summary>
    public static NpgsqlParameter Column<TItem, T>(IReadOnlyList<TItem> items, Func<TItem, T> value)
    {
        var values = new T[items.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = value(items[i]);
        }

        return new NpgsqlParameter<T[]> { TypedValue = values };
    }
}
