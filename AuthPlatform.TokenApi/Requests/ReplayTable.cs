using System.Security.Cryptography;
using Npgsql;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>
/// When replay memory is in Postgres: for the time in which Redis does not answer. The replica that needs it says so by a row of its own kind; within
/// <see cref="Freshness"/> of it every replica writes what it accepts into <see cref="ReplayRows"/> too, whether Redis answers it or not, until that row is out of date.
/// </summary>
internal sealed class ReplayTable(NpgsqlDataSource dataSource, TimeProvider clock) : IDisposable
{
    /// <summary>How far a timestamp may be ahead of this machine's clock for Redis alone to remember the request.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromSeconds(1);

    /// <summary>For how long what was learned of the others' rows is good.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(2);

    /// <summary>How far the clocks of two replicas may be apart.</summary>
    private static readonly TimeSpan ClockError = TimeSpan.FromSeconds(1);

    /// <summary>How often the row is written again while the table is needed.</summary>
    private static readonly TimeSpan Renewal = TimeSpan.FromMinutes(1);

    /// <summary>No request has this key: keys are SHA-256 hashes.</summary>
    private static readonly byte[] AnnouncementKey = new byte[SHA256.HashSizeInBytes];

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _announcing = new(1);
    private DateTimeOffset _learned = DateTimeOffset.UnixEpoch;
    private DateTimeOffset _usedUntil = DateTimeOffset.UnixEpoch;
    private DateTimeOffset _completeFrom;

    /// <summary>Whether what is accepted must be written here even though Redis has it: some replica may do without Redis.</summary>
    public bool IsUsed
    {
        get
        {
            var now = clock.GetUtcNow();
            lock (_lock)
            {
                return now < _usedUntil || now > _learned + Freshness;
            }
        }
    }

    /// <summary>Says to all replicas that this table is used; does nothing while that is known for as long as a row written now must be asked for.</summary>
    public async ValueTask AnnounceAsync(TimeSpan memory, CancellationToken cancellationToken)
    {
        if (IsUsedFor(memory))
        {
            return;
        }

        await _announcing.WaitAsync(cancellationToken);
        try
        {
            if (IsUsedFor(memory))
            {
                return;
            }

            var until = clock.GetUtcNow() + memory + Renewal;
            await using var command = dataSource.CreateCommand(
                """
                INSERT INTO replay_entries (key, endpoint, expires_at) VALUES ($1, '', $2)
                ON CONFLICT (key) DO UPDATE SET expires_at = greatest(replay_entries.expires_at, EXCLUDED.expires_at)
                """);
            command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = AnnouncementKey });
            command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = until.UtcDateTime });
            await command.ExecuteNonQueryAsync(cancellationToken);
            UseUntil(until);
        }
        finally
        {
            _announcing.Release();
        }
    }

    /// <summary>Whether every accepted request of that timestamp is in this table, wherever it was accepted.</summary>
    /// <param name="timestamp">UNIX seconds.</param>
    public bool KnowsAll(long timestamp)
    {
        lock (_lock)
        {
            return !HasLapsed() && DateTimeOffset.FromUnixTimeSeconds(timestamp) > _completeFrom;
        }
    }

    /// <summary>Learns until when this table is used, by an earlier process or another replica.</summary>
    public async Task LearnAsync(CancellationToken cancellationToken)
    {
        var asked = clock.GetUtcNow();
        await using var command = dataSource.CreateCommand("SELECT expires_at FROM replay_entries WHERE key = $1");
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = AnnouncementKey });
        if (await command.ExecuteScalarAsync(cancellationToken) is DateTime until)
        {
            UseUntil(until);
        }

        lock (_lock)
        {
            _learned = asked;
        }
    }

    public void Dispose() => _announcing.Dispose();

    private bool IsUsedFor(TimeSpan time)
    {
        lock (_lock)
        {
            return !HasLapsed() && _usedUntil >= clock.GetUtcNow() + time;
        }
    }

    private void UseUntil(DateTimeOffset until)
    {
        lock (_lock)
        {
            if (HasLapsed())
            {
                // The row is there; nobody may have written anything else before.
                _completeFrom = clock.GetUtcNow() + Freshness + Ahead + ClockError;
            }

            _usedUntil = until > _usedUntil ? until : _usedUntil;
        }
    }

    /// <summary>Whether another replica may already have stopped writing here.</summary>
    private bool HasLapsed() => clock.GetUtcNow() >= _usedUntil - ClockError;
}
