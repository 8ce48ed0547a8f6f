using System.Net;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace AuthPlatform.AdminWeb.SignIn;

/// <summary>
/// Slows guessing down instead of locking accounts: after some free tries each further one has to wait twice as long. A try is counted before it is looked at,
/// in one statement, so parallel tries gain nothing; names that do not exist are counted like those that do.
/// </summary>
internal sealed class SignInDelays(NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>After an hour without a try all is forgotten. A free try forbids nothing, not even to one that read the clock before it.</summary>
    private const string Count =
        """
        INSERT INTO sign_in_delays AS d (key, failures, not_before, tried_at) VALUES ($1, 1, '-infinity', $2)
        ON CONFLICT (key) DO UPDATE SET
            failures = CASE WHEN d.tried_at < $2 - interval '1 hour' THEN 1 ELSE d.failures + 1 END,
            not_before = CASE WHEN d.tried_at < $2 - interval '1 hour' OR d.failures + 1 < $3 THEN '-infinity' ELSE $2 + make_interval(secs => least($4, power(2, least(d.failures + 1 - $3, 20)))) END,
            tried_at = greatest(d.tried_at, $2)
        WHERE d.not_before <= $2
        """;

    /// <summary>A person behind one address: five free tries, then 1, 2, 4 … seconds up to a quarter of an hour.</summary>
    private static readonly Limit Person = new(5, 900);

    /// <summary>A person from everywhere: whoever uses many addresses cannot lock somebody out, only slow them down to a try in 30 seconds.</summary>
    private static readonly Limit Everywhere = new(20, 30);

    /// <summary>An address, whomever it tries to be.</summary>
    private static readonly Limit Address = new(50, 60);

    /// <summary>Counts a try; the seconds to wait when it may not be looked at yet.</summary>
    /// <param name="what">What is guessed: a password, a code.</param>
    /// <param name="person">A name as it was entered, or an id; null where nobody is named: then strangers must not slow others down.</param>
    /// <param name="address">Where the try comes from.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<int?> TryAsync(string what, string? person, IPAddress? address, CancellationToken cancellationToken)
    {
        foreach (var (key, limit) in Keys(what, person, address))
        {
            if (await CountAsync(key, limit, cancellationToken) is { } seconds)
            {
                return seconds;
            }
        }

        return null;
    }

    /// <summary>The try was right: the person starts anew, the address has one less.</summary>
    public async Task ForgiveAsync(string what, string? person, IPAddress? address, CancellationToken cancellationToken)
    {
        var keys = Keys(what, person, address).ToArray();
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand("DELETE FROM sign_in_delays WHERE key = ANY($1)")
        {
            Parameters = { new NpgsqlParameter<byte[][]> { TypedValue = [.. keys[..^1].Select(k => k.Key)] } },
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand("UPDATE sign_in_delays SET failures = greatest(failures - 1, 0) WHERE key = $1")
        {
            Parameters = { new NpgsqlParameter<byte[]> { TypedValue = keys[^1].Key } },
        });
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Whether something is seen for the first time, by any replica: a challenge is answered once.</summary>
    public async Task<bool> IsFirstAsync(string what, string value, CancellationToken cancellationToken)
    {
        await using var insert = database.CreateCommand("INSERT INTO sign_in_delays (key, failures, not_before, tried_at) VALUES ($1, 1, 'infinity', $2) ON CONFLICT DO NOTHING");
        insert.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = Hash($"{what}|{value}") });
        insert.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = clock.GetUtcNow().UtcDateTime });
        return await insert.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private async Task<int?> CountAsync(byte[] key, Limit limit, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        await using var count = database.CreateCommand(Count);
        count.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = key });
        count.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now });
        count.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit.FreeTries });
        count.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit.LongestSeconds });
        if (await count.ExecuteNonQueryAsync(cancellationToken) == 1)
        {
            return null;
        }

        await using var read = database.CreateCommand("SELECT not_before FROM sign_in_delays WHERE key = $1");
        read.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = key });
        return await read.ExecuteScalarAsync(cancellationToken) is DateTime until ? Math.Max(1, (int)Math.Ceiling((until - now).TotalSeconds)) : 1;
    }

    private static IEnumerable<(byte[] Key, Limit Limit)> Keys(string what, string? person, IPAddress? address)
    {
        if (person?.Trim().ToUpperInvariant() is { } name)
        {
            yield return (Hash($"{what}|person|{name}|{address}"), Person);
            yield return (Hash($"{what}|everywhere|{name}"), Everywhere);
        }

        yield return (Hash($"{what}|address|{address}"), Address);
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private sealed record Limit(int FreeTries, int LongestSeconds);
}
