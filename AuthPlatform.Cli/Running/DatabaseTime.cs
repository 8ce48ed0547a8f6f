using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.Cli.Running;

/// <summary>
/// The time of a database, which the services agree with: what is to count from now on must not count ten minutes later because the clock of an operator's machine is so far ahead.
/// </summary>
internal static class DatabaseTime
{
    public static Task<DateTimeOffset> ReadTimeAsync(this DbContext database, CancellationToken cancellationToken) =>
        database.Database.SqlQuery<DateTimeOffset>($"SELECT clock_timestamp() AS \"Value\"").SingleAsync(cancellationToken);
}
