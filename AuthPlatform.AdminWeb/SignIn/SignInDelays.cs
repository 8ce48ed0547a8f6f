using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using AuthPlatform.Contracts.Addresses;
using AuthPlatform.Data;
using AuthPlatform.Data.Admin;
using Npgsql;

namespace AuthPlatform.AdminWeb.SignIn;

/// <summary>
/// Slows guessing down instead of locking accounts: after some free tries each further one has to wait twice as long. A try is counted before it is looked at,
/// by all limits or, where one refuses it, by none: in one transaction, for whose rows the next try waits, so parallel tries gain nothing. Names that do not exist
/// are counted like those that do.
/// </summary>
internal sealed class SignInDelays(NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>What is guessed: the password of a name.</summary>
    public const string Password = "password";

    /// <summary>What is guessed: a code of the person with an id.</summary>
    public const string Code = "code";

    /// <summary>What is guessed: the first code of an app that the person with an id takes into use.</summary>
    public const string NewCode = "new code";

    /// <summary>What is guessed: a passkey, which names nobody.</summary>
    public const string Passkey = "passkey";

    /// <summary>What is guessed: a passkey of the person with an id, in a session of theirs. Not one count with the others: strangers must not keep anybody from proving who they are.</summary>
    public const string OwnPasskey = "own passkey";

    /// <summary>
    /// After an hour without a try, or when the last one is yet to come: that was written by a clock that was ahead and has been set back. A minute is no sign of that, as clocks of two
    /// machines differ, and of two tries at once the one that waited for the other has read its clock first.
    /// </summary>
    private const string IsForgotten = "(d.tried_at < $2 - interval '1 hour' OR d.tried_at > $2 + interval '1 minute')";

    /// <summary>
    /// A free try forbids nothing, not even to one that read the clock before it; nor does what is forbidden for longer than the limit ever forbids anything, and so was written by a
    /// clock that was ahead.
    /// </summary>
    private const string Count =
        $"""
        INSERT INTO sign_in_delays AS d (key, failures, not_before, tried_at) VALUES ($1, 1, '-infinity', $2)
        ON CONFLICT (key) DO UPDATE SET
            failures = CASE WHEN {IsForgotten} THEN 1 ELSE d.failures + 1 END,
            not_before = CASE WHEN {IsForgotten} OR d.failures + 1 < $3 THEN '-infinity' ELSE $2 + make_interval(secs => least($4, power(2, least(d.failures + 1 - $3, 20)))) END,
            tried_at = CASE WHEN {IsForgotten} THEN $2 ELSE greatest(d.tried_at, $2) END
        WHERE d.not_before <= $2 OR d.not_before > $2 + make_interval(secs => $4) + interval '1 minute'
        """;

    /// <summary>The clean-up goes by tried_at, and keeps what is to come: here it is the moment at which the place is forgotten.</summary>
    private const string Remember =
        """
        INSERT INTO sign_in_delays (key, failures, not_before, tried_at) SELECT k.key, 0, '-infinity'::timestamptz, $2 FROM unnest($1) AS k (key)
        ON CONFLICT (key) DO UPDATE SET tried_at = excluded.tried_at
        """;

    /// <summary>How long a place is remembered from which somebody has signed in.</summary>
    private static readonly TimeSpan KnownFor = TimeSpan.FromDays(30);

    /// <summary>A person behind one address: five free tries, then 1, 2, 4 … seconds up to a quarter of an hour.</summary>
    private static readonly Limit Person = new(5, 900);

    /// <summary>
    /// A person from everywhere: whoever uses many addresses cannot lock somebody out, only slow them down to a try in 30 seconds. Strangers can take that try each time, so it
    /// holds only where the person has not signed in lately.
    /// </summary>
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
        var now = clock.GetUtcNow().UtcDateTime;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var isKnown = person is not null && await IsKnownAsync(connection, KnownKey(what, person, address), now, cancellationToken);
        foreach (var (key, limit) in Keys(what, person, address).Where(k => !isKnown || k.Limit != Everywhere))
        {
            if (await CountAsync(connection, key, limit, now, cancellationToken) is { } seconds)
            {
                // Nothing is committed: what the limits before this one have counted is taken back.
                return seconds;
            }
        }

        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    /// <summary>The try was right: the person starts anew, the address has one less.</summary>
    public async Task ForgiveAsync(string what, string? person, IPAddress? address, CancellationToken cancellationToken)
    {
        var keys = Keys(what, person, address).ToArray();
        await using var batch = database.CreateBatch();
        // One by one, in the order in which they are counted: so a try and this never wait for each other.
        foreach (var (key, _) in keys[..^1])
        {
            batch.BatchCommands.Add(Change("DELETE FROM sign_in_delays WHERE key = $1", key));
        }

        batch.BatchCommands.Add(Change("UPDATE sign_in_delays SET failures = greatest(failures - 1, 0) WHERE key = $1", keys[^1].Key));
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Somebody has signed in, with all that it takes: for some weeks strangers cannot slow them down from where they are.</summary>
    public async Task RememberAsync(Administrator administrator, IPAddress? address, CancellationToken cancellationToken)
    {
        await using var insert = database.CreateCommand(
            Remember,
            Sql.Value<byte[][]>([KnownKey(Password, administrator.UserName, address), KnownKey(Code, administrator.Id.ToString(), address)]),
            Sql.Value((clock.GetUtcNow() + KnownFor).UtcDateTime));
        await insert.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Whether something is seen for the first time, by any replica: a challenge is answered once.</summary>
    public async Task<bool> IsFirstAsync(string what, string value, CancellationToken cancellationToken)
    {
        await using var insert = database.CreateCommand(
            "INSERT INTO sign_in_delays (key, failures, not_before, tried_at) VALUES ($1, 1, 'infinity', $2) ON CONFLICT DO NOTHING",
            Sql.Value(Hash($"{what}|{value}")),
            Sql.Value(clock.GetUtcNow().UtcDateTime));
        return await insert.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>An IPv4 address, or the /64 of an IPv6 one: whoever has an IPv6 address has all of those.</summary>
    internal static string NetworkOf(IPAddress? address) => address switch
    {
        null => "",
        { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false } => Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8)),
        _ => IpAddressText.Unmap(address).ToString(),
    };

    private static async Task<bool> IsKnownAsync(NpgsqlConnection connection, byte[] key, DateTime now, CancellationToken cancellationToken)
    {
        await using var read = new NpgsqlCommand("SELECT EXISTS (SELECT FROM sign_in_delays WHERE key = $1 AND tried_at > $2)", connection)
        {
            Parameters = { Sql.Value(key), Sql.Value(now) },
        };
        return await read.ExecuteScalarAsync(cancellationToken) is true;
    }

    private static async Task<int?> CountAsync(NpgsqlConnection connection, byte[] key, Limit limit, DateTime now, CancellationToken cancellationToken)
    {
        await using var count = new NpgsqlCommand(Count, connection) { Parameters = { Sql.Value(key), Sql.Value(now), Sql.Value(limit.FreeTries), Sql.Value(limit.LongestSeconds) } };
        if (await count.ExecuteNonQueryAsync(cancellationToken) == 1)
        {
            return null;
        }

        await using var read = new NpgsqlCommand("SELECT not_before FROM sign_in_delays WHERE key = $1", connection) { Parameters = { Sql.Value(key) } };
        return await read.ExecuteScalarAsync(cancellationToken) is DateTime until ? Math.Max(1, (int)Math.Ceiling((until - now).TotalSeconds)) : 1;
    }

    private static NpgsqlBatchCommand Change(string statement, byte[] key) => new(statement) { Parameters = { Sql.Value(key) } };

    /// <summary>In the order in which they are counted; every transaction locks them in this one.</summary>
    private static IEnumerable<(byte[] Key, Limit Limit)> Keys(string what, string? person, IPAddress? address)
    {
        if (person is not null)
        {
            yield return (Hash($"{what}|person|{Normalize(person)}|{NetworkOf(address)}"), Person);
            yield return (Hash($"{what}|everywhere|{Normalize(person)}"), Everywhere);
        }

        yield return (Hash($"{what}|address|{NetworkOf(address)}"), Address);
    }

    private static byte[] KnownKey(string what, string person, IPAddress? address) => Hash($"known|{what}|{Normalize(person)}|{NetworkOf(address)}");

    private static string Normalize(string person) => person.Trim().ToUpperInvariant();

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private sealed record Limit(int FreeTries, int LongestSeconds);
}
