using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Admin;

/// <summary>As many sessions as one request ends at most.</summary>
internal static class ManySessions
{
    public const int Count = 20_000;

    /// <summary>Adds them to an application: older than all others, whose ids say when they began.</summary>
    public static Task AddSessionsAsync(this AuthDbContext database, TestApplication application, string kid, CancellationToken cancellationToken) =>
        database.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO sessions (id, application_id, unique_key, device, device_hash, ip, key_id, created_at, refreshed_at, tokens_until, idle_expires_at, absolute_expires_at, sweep_at)
            SELECT ('00' || substr(md5(a.id::text || n), 3))::uuid, a.id, 'user ' || n, '', sha256(''), '', {kid}, now(), now(), now() - interval '1 hour',
                now() + interval '1 day', now() + interval '1 day', now() + interval '1 day'
            FROM applications AS a, generate_series(1, {Count}) AS n WHERE a.client_id = {application.ClientId}
            """,
            cancellationToken);
}
