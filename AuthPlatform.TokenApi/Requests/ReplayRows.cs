using AuthPlatform.Data;
using Npgsql;

namespace AuthPlatform.TokenApi.Requests;

/// <summary>
/// The used requests that PostgreSQL remembers. Those that come together are written together: with a transaction for each, a Redis that was silent for a moment would cost
/// a busy platform most of its throughput for as long as requests are remembered.
/// </summary>
internal sealed class ReplayRows
{
    private readonly NpgsqlDataSource _dataSource;
    private readonly TimeProvider _clock;
    private readonly Batcher<Entry, ReplayOutcome> _entries;

    public ReplayRows(NpgsqlDataSource dataSource, TimeProvider clock)
    {
        (_dataSource, _clock) = (dataSource, clock);
        _entries = new Batcher<Entry, ReplayOutcome>(StatementBatches.Concurrency, StatementBatches.MaxSize, RememberAsync, StatementBatches.Spoils, clock);
    }

    /// <summary>Remembers a request unless it is known. Cannot be cancelled: it may have been written.</summary>
    /// <param name="key">Its name, a SHA-256 hash.</param>
    /// <param name="endpoint">What it wanted.</param>
    /// <param name="memory">For how long.</param>
    public Task<ReplayOutcome> RememberAsync(byte[] key, SignedEndpoint endpoint, TimeSpan memory) => _entries.RunAsync(new Entry(key, endpoint.Name, memory));

    private async Task<IReadOnlyList<ReplayOutcome>> RememberAsync(IReadOnlyList<Entry> entries)
    {
        // Each once, or PostgreSQL would refuse the statement, and in one order everywhere: replicas that are sent the same requests then do not wait for each other in a circle.
        var first = entries.DistinctBy(entry => entry.Name).OrderBy(entry => entry.Name, StringComparer.Ordinal).ToList();
        var added = await AddAsync(first);
        var wanted = added.Count == first.Count ? [] : await FindAsync([.. first.Where(entry => !added.Contains(entry.Name))]);
        foreach (var entry in first.Where(entry => added.Contains(entry.Name)))
        {
            wanted.Add(entry.Name, entry.Endpoint);
        }

        // In the order in which they came: whoever brings the same again is the one who repeats.
        return [.. entries.Select(entry => added.Remove(entry.Name) ? ReplayOutcome.New
            : wanted.GetValueOrDefault(entry.Name) == entry.Endpoint ? ReplayOutcome.Repeated
            : ReplayOutcome.SeenElsewhere)];
    }

    /// <summary>The names of those that nobody remembered, or not any more.</summary>
    private async Task<HashSet<string>> AddAsync(IReadOnlyList<Entry> entries)
    {
        var now = _clock.GetUtcNow();
        await using var command = _dataSource.CreateCommand(
            """
            INSERT INTO replay_entries (key, endpoint, expires_at) SELECT * FROM unnest($1, $2, $3)
            ON CONFLICT (key) DO UPDATE SET endpoint = EXCLUDED.endpoint, expires_at = EXCLUDED.expires_at WHERE replay_entries.expires_at <= $4
            RETURNING key
            """,
            StatementBatches.Column(entries, entry => entry.Key),
            StatementBatches.Column(entries, entry => entry.Endpoint),
            StatementBatches.Column(entries, entry => (now + entry.Memory).UtcDateTime),
            Sql.Value(now.UtcDateTime));
        var added = new HashSet<string>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            added.Add(Convert.ToHexString(reader.GetFieldValue<byte[]>(0)));
        }

        return added;
    }

    /// <summary>What those that are remembered wanted.</summary>
    private async Task<Dictionary<string, string>> FindAsync(IReadOnlyList<Entry> entries)
    {
        await using var command = _dataSource.CreateCommand(
            "SELECT key, endpoint FROM replay_entries WHERE key = ANY($1)",
            StatementBatches.Column(entries, entry => entry.Key));
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            found.Add(Convert.ToHexString(reader.GetFieldValue<byte[]>(0)), reader.GetString(1));
        }

        return found;
    }

    private sealed record Entry(byte[] Key, string Endpoint, TimeSpan Memory)
    {
        public string Name { get; } = Convert.ToHexString(Key);
    }
}
