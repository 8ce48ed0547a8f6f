using AuthPlatform.Data;
using AuthPlatform.TokenApi.Sessions;
using Npgsql;
using Application = AuthPlatform.TokenApi.Requests.Application;

namespace AuthPlatform.IntegrationTests;

/// <summary>Sessions of users as the parts of a Token API take them, and locks that others have on them.</summary>
internal static class UserSessions
{
    /// <summary>One that starts now.</summary>
    public static NewSession New(string user, string device = "")
    {
        var now = SessionTime.Now(TimeProvider.System);
        return new NewSession
        {
            Id = Guid.CreateVersion7(now),
            UniqueKey = user,
            Place = new UserPlace(device, ""),
            Scope = null,
            Claims = null,
            KeyId = "none",
            StartedAt = now,
            TokensUntil = now.AddMinutes(5),
            IdleExpiresAt = now.AddDays(1),
            AbsoluteExpiresAt = now.AddDays(1),
        };
    }

    /// <summary>Takes the locks of users until the transaction ends.</summary>
    public static async Task HoldAsync(NpgsqlTransaction transaction, Application application, string[] users, CancellationToken cancellationToken)
    {
        await using var hold = new NpgsqlCommand("SELECT pg_advisory_xact_lock(hashtextextended(u.name, 0)) FROM unnest($1) AS u (name)", transaction.Connection, transaction)
        {
            Parameters = { Sql.Value<string[]>([.. users.Select(user => SessionBatches.UserLock(application, user))]) },
        };
        await hold.ExecuteNonQueryAsync(cancellationToken);
    }
}
