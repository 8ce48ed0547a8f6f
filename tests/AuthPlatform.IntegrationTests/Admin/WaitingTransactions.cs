using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>Stops somebody between two statements, without any switch in what is tested: what they need next is locked.</summary>
internal static class WaitingTransactions
{
    /// <summary>Whether somebody waits for what this connection's transaction holds.</summary>
    public static async Task<bool> IsWaitedForAsync(this DbContext database, CancellationToken cancellationToken) => await database.CountWaitingAsync(cancellationToken) > 0;

    /// <summary>How many wait for it.</summary>
    public static Task<int> CountWaitingAsync(this DbContext database, CancellationToken cancellationToken) =>
        database.Database
            .SqlQuery<int>($"SELECT count(DISTINCT pid)::int AS \"Value\" FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))")
            .SingleAsync(cancellationToken);
}
