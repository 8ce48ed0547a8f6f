using System.CommandLine;
using System.Globalization;
using AuthPlatform.LoadGenerator;
using Npgsql;

namespace AuthPlatform.Benchmarks;

/// <summary>Whether deleting expired rows holds up those who sign in meanwhile.</summary>
internal static class CleanupBenchmark
{
    private const int Lanes = 4;

    private const string InsertExpired =
        """
        INSERT INTO sessions (id, application_id, unique_key, device, device_hash, ip, key_id, created_at, refreshed_at, tokens_until, idle_expires_at, absolute_expires_at)
        SELECT gen_random_uuid(), a.id, 'expired ' || n, 'device ' || n, sha256(n::text::bytea), '203.0.113.7', 'none', t, t, t, t, t
        FROM generate_series(1, $1 / 2) n, (SELECT now() - interval '1 day' AS t), (SELECT id FROM applications LIMIT 1) a;
        """;

    private const string InsertRevocations =
        """
        INSERT INTO revocations (application_id, revoked_id, reason, revoked_at, effective_at, until)
        SELECT a.id, gen_random_uuid(), 'revoked', t, t, t FROM generate_series(1, $1 / 2) n, (SELECT now() - interval '1 day' AS t), (SELECT id FROM applications LIMIT 1) a
        """;

    public static Command Command()
    {
        var rows = new Option<int>("--rows") { Description = "Expired rows, half of them sessions, half revocations", DefaultValueFactory = _ => 1_000_000 };
        var seconds = new Option<int>("--seconds") { Description = "How long issuing is measured without clean-up", DefaultValueFactory = _ => 30 };
        var command = new Command("cleanup", "Issuing while a million expired rows are deleted, against issuing while there is nothing to delete") { rows, seconds };
        command.SetAction((arguments, cancellationToken) => RunAsync(arguments.GetValue(rows), TimeSpan.FromSeconds(arguments.GetValue(seconds)), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(int rows, TimeSpan duration, CancellationToken cancellationToken)
    {
        await using var platform = await Platform.StartAsync(new Dictionary<string, string> { ["Cleanup__PeriodSeconds"] = "1" }, cancellationToken);
        await using var database = NpgsqlDataSource.Create(await platform.AuthDatabaseAsync(cancellationToken));
        using var client = platform.Client(platform.Gateway);
        var issue = await Scenarios.Named("issue").PrepareAsync(client, Lanes, cancellationToken);

        await MeasureAsync(TimeSpan.FromSeconds(5), issue);
        var without = await MeasureAsync(duration, issue);
        Console.WriteLine($"without clean-up: {without}");

        await InsertAsync(database, rows, cancellationToken);
        var isOver = false;
        var measuring = MeasureAsync(Timeout.InfiniteTimeSpan, (lane, cancel) => Volatile.Read(ref isOver) ? throw new NothingLeftException() : issue(lane, cancel));
        var began = TimeProvider.System.GetTimestamp();
        while (await LeftAsync(database, cancellationToken) is > 0 and var left)
        {
            Console.WriteLine($"{left} expired rows left");
            await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System, cancellationToken);
        }

        var took = TimeProvider.System.GetElapsedTime(began);
        Volatile.Write(ref isOver, true);
        var during = await measuring;
        Console.WriteLine($"during clean-up:  {during}; {rows} rows in {took.TotalSeconds:0} s");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ratio: p50 {during.P50 / without.P50:0.00}, p99 {during.P99 / without.P99:0.00}"));
        return without.Errors.Count + during.Errors.Count == 0 ? 0 : 1;

        Task<LoadResult> MeasureAsync(TimeSpan time, Func<int, CancellationToken, Task<Answer>> operation) =>
            new Load("issue", operation, Lanes, TimeProvider.System).RunAsync(time, 0, null, cancellationToken);
    }

    private static async Task InsertAsync(NpgsqlDataSource database, int rows, CancellationToken cancellationToken)
    {
        Console.WriteLine($"inserting {rows} expired rows …");
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        // In one transaction: nothing is there to be deleted before all of it is.
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            foreach (var sql in new[] { InsertExpired, InsertRevocations })
            {
                await using var insert = new NpgsqlCommand(sql, connection, transaction) { CommandTimeout = 0, Parameters = { new NpgsqlParameter<int> { TypedValue = rows } } };
                await insert.ExecuteNonQueryAsync(cancellationToken);
            }

            await transaction.CommitAsync(cancellationToken);
        }

        // What writing the rows left to do is not the clean-up's.
        await using var checkpoint = new NpgsqlCommand("CHECKPOINT", connection) { CommandTimeout = 0 };
        await checkpoint.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<long> LeftAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "SELECT (SELECT count(*) FROM sessions WHERE idle_expires_at < now() - interval '1 hour') + (SELECT count(*) FROM revocations WHERE until < now() - interval '1 hour')");
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
