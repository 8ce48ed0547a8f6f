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
internal sealed class RevocationList(
    RedisCalls calls, RedisBreaker breaker, RevocationTrust trust, ReplayTable database, NpgsqlDataSource dataSource, TokenMetrics metrics, TimeProvider clock)
{
    /// <summary>For each that is asked about, in their order, whether it is there and counts.</summary>
    private const string Find =
        """
        SELECT EXISTS (
            SELECT FROM revocations WHERE revoked_id = asked.id AND (generation IS NULL OR generation = asked.generation) AND effective_at <= greatest(clock_timestamp(), revoked_at))
        FROM unnest($1, $2) WITH ORDINALITY AS asked (id, generation, place) ORDER BY place
        """;

    /// <summary>Those that come together are asked for together: without Redis that is every verification, and one by one they would keep all connections from everybody else.</summary>
    private readonly Batcher<(Guid Id, int Generation), bool> _finding =
        new(StatementBatches.Concurrency, StatementBatches.MaxSize, tokens => FindAsync(dataSource, tokens), spoils: _ => false, clock);

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
        return await _finding.RunAsync((id, generation)).WaitAsync(cancellationToken);
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

    private static async Task<IReadOnlyList<bool>> FindAsync(NpgsqlDataSource dataSource, IReadOnlyList<(Guid Id, int Generation)> tokens)
    {
        await using var command = dataSource.CreateCommand(Find, StatementBatches.Column(tokens, token => token.Id), StatementBatches.Column(tokens, token => token.Generation));
        await using var reader = await command.ExecuteReaderAsync();
        var found = new List<bool>(tokens.Count);
        while (await reader.ReadAsync())
        {
            found.Add(reader.GetBoolean(0));
        }

        return found;
    }
}
