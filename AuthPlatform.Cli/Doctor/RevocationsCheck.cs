using AuthPlatform.Cli.Running;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.Cli.Doctor;

/// <summary>
/// Whether the revocations belong to this PostgreSQL server. They are ordered by the number of the transaction that wrote them; restored into another server, whose
/// transactions count from elsewhere, they would come late or never to those who read them in this order.
/// </summary>
internal static class RevocationsCheck
{
    public static async Task<CheckResult> RunAsync(Invocation invocation)
    {
        var strange = await invocation.AuthDatabase.Database
            .SqlQuery<long>($"SELECT count(*) AS \"Value\" FROM revocations WHERE transaction_id >= pg_snapshot_xmax(pg_current_snapshot()) AND until > clock_timestamp()")
            .SingleAsync(invocation.Cancellation);
        return strange == 0
            ? new CheckResult("revocations", CheckStatus.Ok, "in the order of this server's transactions")
            : new CheckResult(
                "revocations",
                CheckStatus.Warn,
                $"{strange} come from another PostgreSQL server, by a restore; the feed of revocations leaves them out",
                "Run in authdb: UPDATE revocations SET transaction_id = pg_current_xact_id();");
    }
}
