using System.Globalization;
using AuthPlatform.Cli.Running;
using AuthPlatform.Data;
using AuthPlatform.ServiceDefaults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace AuthPlatform.Cli.Doctor;

/// <summary>Whether a database answers, is on a server that is new enough, has the tables of this version, and agrees with this machine about the time.</summary>
internal static class DatabaseCheck
{
    private static readonly TimeSpan Noticeable = TimeSpan.FromSeconds(2);

    public static async Task<IReadOnlyList<CheckResult>> RunAsync(Invocation invocation, string name, DbContext database)
    {
        try
        {
            var server = await ServerAsync(name, database, invocation.Cancellation);
            return server.Status == CheckStatus.Fail
                ? [server]
                : [server, await SchemaAsync(name, database, invocation.Cancellation), await ClockAsync(invocation, name, database)];
        }
        catch (Exception exception) when (Runner.Outage(exception) is { } outage)
        {
            // It says where, and what lies beneath it says why: "Failed to connect to 10.0.0.1:5432 (Connection refused)".
            var (what, why) = (outage.Message, outage.GetBaseException().Message);
            var reason = what == why ? what : $"{what} ({why})";
            return [new CheckResult(name, CheckStatus.Fail, $"does not answer: {reason}", $"Start the database, or correct ConnectionStrings__{name}.")];
        }
    }

    private static async Task<CheckResult> ServerAsync(string name, DbContext database, CancellationToken cancellationToken)
    {
        await database.Database.OpenConnectionAsync(cancellationToken);
        var version = ((NpgsqlConnection)database.Database.GetDbConnection()).PostgreSqlVersion;
        return PostgresVersion.Problem(name, version) is { } problem
            ? new CheckResult($"{name} server", CheckStatus.Fail, problem, "docs/deployment.md says how.")
            : new CheckResult($"{name} server", CheckStatus.Ok, $"PostgreSQL {version}");
    }

    private static async Task<CheckResult> SchemaAsync(string name, DbContext database, CancellationToken cancellationToken)
    {
        var applied = await AppliedAsync(database, cancellationToken);
        var known = database.Database.GetMigrations().ToList();
        var pending = known.Except(applied).ToList();
        var unknown = applied.Except(known).ToList();
        return pending.Count > 0
            ? new CheckResult($"{name} schema", CheckStatus.Fail, $"migrations are missing: {string.Join(", ", pending)}", "Run the Migration Worker of this version.")
            : unknown.Count > 0
                ? new CheckResult($"{name} schema", CheckStatus.Warn, $"newer than this command line: {string.Join(", ", unknown)}", "Use the command line of the version that is installed.")
                : new CheckResult($"{name} schema", CheckStatus.Ok, $"{applied.Count} migration(s), none missing");
    }

    private static async Task<IReadOnlyList<string>> AppliedAsync(DbContext database, CancellationToken cancellationToken)
    {
        try
        {
            return [.. await database.Database.GetAppliedMigrationsAsync(cancellationToken)];
        }
        catch (PostgresException missing) when (missing.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return [];
        }
    }

    /// <summary>The services compare times that the database wrote with their own; tokens carry the times of one machine to others.</summary>
    private static async Task<CheckResult> ClockAsync(Invocation invocation, string name, DbContext database)
    {
        var clock = invocation.Services.GetRequiredService<TimeProvider>();
        var before = clock.GetUtcNow();
        var there = await database.ReadTimeAsync(invocation.Cancellation);
        var here = before + ((clock.GetUtcNow() - before) / 2);
        var off = (there - here).Duration();
        var detail = string.Create(CultureInfo.InvariantCulture, $"{off.TotalSeconds:0.000} s from the clock of this machine");
        const string Advice = "Synchronise the clocks (NTP) of the database server and of every machine that runs a service.";
        return off > ClockCheck.Limit ? new CheckResult($"{name} clock", CheckStatus.Fail, detail, Advice)
            : off > Noticeable ? new CheckResult($"{name} clock", CheckStatus.Warn, detail, Advice)
            : new CheckResult($"{name} clock", CheckStatus.Ok, detail);
    }
}
