using System.Data.Common;
using AuthPlatform.Contracts.Addresses;
using AuthPlatform.Data;
using AuthPlatform.Data.Auth;
using AuthPlatform.ServiceDefaults;
using Npgsql;

namespace AuthPlatform.AdminWeb.SignIn;

/// <summary>
/// Adds refused sign-ins to the audit, every few seconds one row for each reason, person and address with their number. Of a flood first the addresses are given up,
/// then the names, so that garbage cannot fill the database. A name that is nobody's is not written down: it may be a password in the wrong field.
/// </summary>
internal sealed partial class SignInRefusals(NpgsqlDataSource database, TimeProvider clock, ILogger<SignInRefusals> logger) : PeriodicWriter(Period, clock)
{
    public const string WrongPassword = "wrong_password";
    public const string WrongCode = "wrong_code";
    public const string UnknownPasskey = "unknown_passkey";
    public const string TooManyTries = "too_many_tries";

    private const string Insert =
        """
        INSERT INTO audit_events (occurred_at, id, kind, code, address, count, details)
        SELECT $1, (array_agg(r.id))[1], $2, r.code, r.address, sum(r.count), CASE WHEN a.user_name IS NULL THEN NULL ELSE jsonb_build_object('user', a.user_name) END
        FROM unnest($3, $4, $5, $6, $7) AS r (id, code, name, address, count) LEFT JOIN administrators a ON a.normalized_user_name = r.name
        GROUP BY r.code, r.address, a.user_name
        """;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private readonly FloodTally<Refusal> _tally = new(r => r with { Address = null }, r => new(r.Code, null, null));

    /// <summary>Counts a refusal. Whoever asks need not know whether there is such a person: that is looked up later, and tells nobody by its time.</summary>
    public void Add(HttpContext context, string code, string? userName = null)
    {
        var address = context.Connection.RemoteIpAddress;
        _tally.Add(new Refusal(code, userName?.Trim().ToUpperInvariant(), address is null ? null : IpAddressText.Unmap(address).ToString()));
    }

    /// <summary>Not cancelled: what is taken out of the tally is nowhere else.</summary>
    protected override async Task FlushAsync(CancellationToken cancellationToken)
    {
        var taken = _tally.Take();
        if (taken.Count == 0)
        {
            return;
        }

        try
        {
            var now = Clock.GetUtcNow();
            await using var command = database.CreateCommand(
                Insert,
                Sql.Value(now.UtcDateTime),
                Sql.Value(AuditKinds.UserRefused),
                Sql.Value<Guid[]>([.. taken.Keys.Select(_ => Guid.CreateVersion7(now))]),
                Sql.Value<string[]>([.. taken.Keys.Select(r => r.Code)]),
                Sql.Value<string?[]>([.. taken.Keys.Select(r => r.Name)]),
                Sql.Value<string?[]>([.. taken.Keys.Select(r => r.Address)]),
                Sql.Value<int[]>([.. taken.Values]));
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception exception) when (exception is DbException or TimeoutException)
        {
            Log.Waiting(logger, exception.Message);
            foreach (var (refusal, count) in taken)
            {
                _tally.Add(refusal, count);
            }
        }
    }

    private readonly record struct Refusal(string Code, string? Name, string? Address);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Refused sign-ins wait to be written to the audit: {Reason}")]
        public static partial void Waiting(ILogger logger, string reason);
    }
}
