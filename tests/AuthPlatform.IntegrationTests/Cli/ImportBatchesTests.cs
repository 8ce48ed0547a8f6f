using System.Text.Json;
using AuthPlatform.Cli;
using AuthPlatform.Cli.Running;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using Npgsql;

namespace AuthPlatform.IntegrationTests.Cli;

/// <summary>An import of more than goes into one transaction, or into one file.</summary>
public sealed class ImportBatchesTests(AuthPlatformFixture platform) : IDisposable
{
    private const int AtOnce = 500;

    private readonly OldDeployment _old = new(platform);
    private readonly FreshDatabases _databases = new(platform);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _old.Dispose();

    [Fact]
    public async Task Import_EndedBetweenTwoTransactions_KeepsTheFirstAndIsCompletedByDoingItAgain()
    {
        var settings = await _databases.MigratedAsync(Cancellation);
        Assert.Equal((1, 1, 0, 0), await OldDeployment.ImportAsync(settings, _old.WriteClients(_old.Application), _old.WriteKeys(), "--apply"));
        var refreshTokens = OneMoreThanAtOnce();
        var sessions = _old.WriteSessions(refreshTokens);
        await using (var connection = new NpgsqlConnection(settings["ConnectionStrings__authdb"]))
        {
            // Somebody who is about to write down the last of them, and is waited for.
            await connection.OpenAsync(Cancellation);
            await using var transaction = await connection.BeginTransactionAsync(Cancellation);
            await using var last = new NpgsqlCommand(
                "INSERT INTO imported_tokens (token_hash, application_id, session_id, is_refresh, expires_at) SELECT $1, id, id, true, now() FROM applications WHERE client_id = $2", connection);
            last.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = ImportedToken.HashOf(refreshTokens[^1]) });
            last.Parameters.Add(new NpgsqlParameter<string> { TypedValue = _old.Application.ClientId });
            Assert.Equal(1, await last.ExecuteNonQueryAsync(Cancellation));
            var impatient = new NpgsqlConnectionStringBuilder(settings["ConnectionStrings__authdb"]) { Options = "-c lock_timeout=200" }.ConnectionString;
            var (exitCode, _, error) = await OldDeployment.RunAsync(new(settings) { ["ConnectionStrings__authdb"] = impatient }, sessions, "--apply");
            Assert.Equal(1, exitCode);
            Assert.Contains("The database refused it", error, StringComparison.Ordinal);
        }

        Assert.Equal($"{AtOnce}", await CountSessionsAsync());
        Assert.Equal((0, 0, 1, 0), await OldDeployment.ImportAsync(settings, sessions, "--apply"));
        Assert.Equal($"{AtOnce + 1}", await CountSessionsAsync());
        Assert.Equal((0, 0, 0, 0), await OldDeployment.ImportAsync(settings, sessions, "--apply"));
    }

    [Fact]
    public async Task Import_OfMoreThanOneTransaction_SaysHowFarItIsToSomebodyAtTheTerminal()
    {
        var file = _old.Write(
            "settings.json", JsonSerializer.Serialize((await _databases.MigratedAsync(Cancellation)).ToDictionary(s => s.Key.Replace("__", ":", StringComparison.Ordinal), s => s.Value)));
        using var output = new StringWriter();
        using var error = new StringWriter();

        var exitCode = await OperatorCommand.RunAsync(
            ["import", _old.WriteClients(_old.Application), _old.WriteKeys(), _old.WriteSessions(OneMoreThanAtOnce()), "--apply", "--settings", file],
            new Terminal(TextReader.Null, output, error, IsInteractive: true),
            Cancellation);

        Assert.Equal((0, $"\r{AtOnce + 1} of {AtOnce + 1} sign-ins"), (exitCode, error.ToString().TrimEnd('\n')));
    }

    [Fact]
    public async Task Import_OfAFileThatIsTooLarge_SaysHowToDivideIt()
    {
        var (exitCode, output, error) = await _old.RunAsync(_old.WriteNothing("tokens.sql", (512L << 20) + 1));

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains("tokens.sql is larger than 512 MB: export the tables one by one, and a large one in parts (mysqldump --where).", error, StringComparison.Ordinal);
    }

    private List<string> OneMoreThanAtOnce() => [.. Enumerable.Range(0, AtOnce + 1).Select(_ => _old.Token("refresh", 86_400))];

    private Task<string> CountSessionsAsync() => _databases.ReadAsync(ResourceNames.AuthDatabase, "SELECT count(*)::text FROM sessions", Cancellation);
}
