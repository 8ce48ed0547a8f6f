using Npgsql;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>Replay memory in Postgres, for the time in which Redis does not answer.</summary>
internal sealed class ReplayTable(NpgsqlDataSource dataSource, TimeProvider clock)
{
    private long _holdsUntil;
    private volatile bool _learned;

    /// <summary>Whether the table may know requests that Redis does not, from a time when Redis was away; true until this process has looked.</summary>
    public bool MayHoldMoreThanRedis => !_learned || clock.GetUtcNow().UtcTicks < Volatile.Read(ref _holdsUntil);

    /// <summary>From now on, and for as long as a row lives, Redis alone is not asked any more.</summary>
    public void IsAboutToBeUsed(TimeSpan memory) => HoldsUntil(clock.GetUtcNow() + memory);

    public async ValueTask<ReplayOutcome> RememberAsync(byte[] key, SignedEndpoint endpoint, TimeSpan memory, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var until = now + memory;
        await using var insert = dataSource.CreateCommand(
            """
            INSERT INTO replay_entries (key, endpoint, expires_at) VALUES ($1, $2, $3)
            ON CONFLICT (key) DO UPDATE SET endpoint = EXCLUDED.endpoint, expires_at = EXCLUDED.expires_at WHERE replay_entries.expires_at <= $4
            """);
        insert.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = key });
        insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = endpoint.Name });
        insert.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = until.UtcDateTime });
        insert.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
        if (await insert.ExecuteNonQueryAsync(cancellationToken) == 1)
        {
            return ReplayOutcome.New;
        }

        await using var select = dataSource.CreateCommand("SELECT endpoint FROM replay_entries WHERE key = $1");
        select.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = key });
        return endpoint.Name.Equals(await select.ExecuteScalarAsync(cancellationToken)) ? ReplayOutcome.Repeated : ReplayOutcome.SeenElsewhere;
    }

    /// <summary>Learns how long rows of an earlier process, or of another replica, must still be asked for.</summary>
    public async Task LearnAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("SELECT max(expires_at) FROM replay_entries");
        if (await command.ExecuteScalarAsync(cancellationToken) is DateTime until)
        {
            HoldsUntil(until);
        }

        _learned = true;
    }

    private void HoldsUntil(DateTimeOffset until)
    {
        var ticks = until.UtcTicks;
        var known = Volatile.Read(ref _holdsUntil);
        while (ticks > known)
        {
            var seen = Interlocked.CompareExchange(ref _holdsUntil, ticks, known);
            if (seen == known)
            {
                return;
            }

            known = seen;
        }
    }
}
