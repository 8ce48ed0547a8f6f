using AuthPlatform.Data;
using AuthPlatform.Data.Auth;
using AuthPlatform.TokenApi.Requests;
using Npgsql;
using StackExchange.Redis;

namespace AuthPlatform.TokenApi.Sessions;

/// <summary>
/// The tokens that died before their time, read at each verification, so that every replica refuses them at once: in Redis, or in Postgres whenever it is not
/// certain that Redis knows them all. A grace ends by the clock of the database, as it began: those of replicas may differ by as much as it lasts.
/// </summary>
internal sealed class RevocationList(RedisCalls calls, RedisBreaker breaker, RevocationTrust trust, ReplayTable database, NpgsqlDataSource dataSource, TokenMetrics metrics)
{
    private const string Find =
        "SELECT EXISTS (SELECT FROM revocations WHERE revoked_id = $1 AND (generation IS NULL OR generation = $2) AND effective_at <= greatest(clock_timestamp(), revoked_at))";

    /// <param name="id">The <c>sid</c>, or the <c>jti</c> of a token without a session.</param>
    /// <param name="generation">The generation of an access token of a session; 0 for a token without one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<bool> ContainsAsync(Guid id, int generation, CancellationToken cancellationToken)
    {
        try
        {
            if (await breaker.AskAsync(() => AskRedisAsync(id, generation), cancellationToken) is { } answer)
            {
                return answer;
            }
        }
        catch (Exception exception) when (RedisBreaker.IsAbsence(exception))
        {
            // An answer that came too late may have been the first one of another server.
            trust.Forget();
        }

        metrics.RevocationFallback();
        await using var command = dataSource.CreateCommand(Find, Sql.Value(id), Sql.Value(generation));
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>Null when Redis cannot be relied on.</summary>
    private async Task<bool?> AskRedisAsync(Guid id, int generation)
    {
        // One command, so that nothing can be emptied and rebuilt between its answers.
        RedisKey[] keys = [RevocationKeys.Complete, RevocationKeys.Of(id, null), RevocationKeys.Of(id, generation)];
        var answers = await calls.AskAsync("MGET", "MGET revocations", redis => redis.StringGetAsync(keys));
        var now = database.Now;
        var revoked = RevocationKeys.IsEffective(answers[1], now) || RevocationKeys.IsEffective(answers[2], now);
        return trust.Accepts(answers[0]) || revoked ? revoked : null;
    }
}
