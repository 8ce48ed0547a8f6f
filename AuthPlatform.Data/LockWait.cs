using Npgsql;

namespace AuthPlatform.Data;

/// <summary>How long a statement waits for what somebody has locked.</summary>
public static class LockWait
{
    /// <summary>
    /// The first statement of a batch, which is one transaction: those behind it wait for a lock for a second only. Connections are few, and whoever waits for longer keeps them from
    /// everybody else; who tries once more has given his back in between.
    /// </summary>
    public static NpgsqlBatchCommand NoLongerThanASecond() => new("SELECT set_config('lock_timeout', '1s', true)");
}
