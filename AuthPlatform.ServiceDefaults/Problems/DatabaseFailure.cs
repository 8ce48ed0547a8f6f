using System.Data.Common;

namespace AuthPlatform.ServiceDefaults.Problems;

/// <summary>Tells what a database said, or did not say any more, from other failures.</summary>
public static class DatabaseFailure
{
    /// <summary>Whether it is in an exception; EF Core wraps what the database said in exceptions of its own.</summary>
    public static bool IsIn(Exception? exception) => exception is DbException || (exception is not null && IsIn(exception.InnerException));
}
