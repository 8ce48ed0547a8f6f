using System.Collections.Concurrent;
using System.Data.Common;
using System.Net;
using AuthPlatform.Data;
using AuthPlatform.ServiceDefaults;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>
/// When, and from where, each secret was last used, so that an administrator can tell whether an old one may go. Kept in memory and written now and then: an exact time is
/// not worth a statement per request.
/// </summary>
internal sealed partial class SecretUsage(NpgsqlDataSource dataSource, IOptions<SignedRequestOptions> options, TimeProvider clock, ILogger<SecretUsage> logger)
    : PeriodicWriter(TimeSpan.FromSeconds(options.Value.SecretUseSeconds), clock)
{
    private readonly ConcurrentDictionary<Guid, (DateTime At, IPAddress? From)> _lastUsed = new();

    public void Record(Guid secretId, IPAddress? caller) => _lastUsed[secretId] = (Clock.GetUtcNow().UtcDateTime, caller);

    protected override async Task FlushAsync(CancellationToken cancellationToken)
    {
        var used = _lastUsed.ToArray();
        if (used.Length == 0)
        {
            return;
        }

        try
        {
            // Locked in order: two replicas, or one and a re-encryption, must not wait for each other.
            await using var command = dataSource.CreateCommand(
                """
                WITH used AS (
                    SELECT s.id, u.used_at, u.used_from FROM unnest($1, $2, $3) AS u (id, used_at, used_from) JOIN application_secrets s ON s.id = u.id
                    WHERE s.last_used_at IS NULL OR s.last_used_at < u.used_at ORDER BY s.id FOR NO KEY UPDATE OF s)
                UPDATE application_secrets s SET last_used_at = used.used_at, last_used_from = used.used_from FROM used WHERE s.id = used.id
                """,
                Sql.Value<Guid[]>([.. used.Select(u => u.Key)]),
                Sql.Value<DateTime[]>([.. used.Select(u => u.Value.At)]),
                Sql.Value<string?[]>([.. used.Select(u => u.Value.From is { } from ? IpAddressText.Unmap(from).ToString() : null)]));
            await command.ExecuteNonQueryAsync(cancellationToken);
            foreach (var entry in used)
            {
                // Leaves an entry that was used again in the meantime.
                _lastUsed.TryRemove(entry);
            }
        }
        catch (Exception exception) when (exception is DbException or TimeoutException)
        {
            Log.WriteFailed(logger, exception.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The last use of secrets was not written: {Reason}. The next round tries again")]
        public static partial void WriteFailed(ILogger logger, string reason);
    }
}
