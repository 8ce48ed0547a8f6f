using AuthPlatform.Cli.Running;
using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;
using Npgsql;

namespace AuthPlatform.IntegrationTests.Cli;

/// <summary>What somebody confirms is about the key that they were shown.</summary>
public sealed class ConfirmedKeyTests(AuthPlatformFixture platform)
{
    /// <summary>By schedule, say.</summary>
    private const string AnotherTakesOver =
        """
        UPDATE signing_keys SET superseded_at = now(), expires_at = now() + interval '14 days', private_key_encrypted = NULL, encryption_key = NULL
            WHERE activated_at IS NOT NULL AND superseded_at IS NULL;
        UPDATE signing_keys SET activated_at = now() WHERE activated_at IS NULL;
        """;

    private const string Ended = "SELECT count(*)::text FROM signing_keys WHERE expires_at <= superseded_at";

    private readonly FreshDatabases _databases = new(platform);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rotate_ThatEndsTheKeyAtOnceWhenAnotherHasTakenOverMeanwhile_EndsNone()
    {
        var settings = await _databases.MigratedWithKeysAsync(Cancellation);
        var kid = await _databases.ActiveKidAsync(Cancellation);
        using var answer = new Answer(() => Execute(settings["ConnectionStrings__keysdb"], AnotherTakesOver));

        var (exitCode, error) = await RotateAsync(settings, answer);

        Assert.Equal(1, exitCode);
        Assert.Contains($"Everything that {kid} signed will be refused within a second.", error, StringComparison.Ordinal);
        Assert.Contains($"Another key of '{FreshDatabases.ClientId}' signs by now than {kid}, which was to end; nothing was done.", error, StringComparison.Ordinal);
        Assert.Equal("0", await _databases.ReadAsync(ResourceNames.KeysDatabase, Ended, Cancellation));
    }

    [Fact]
    public async Task Rotate_ThatEndsTheKeyAtOnce_EndsTheOneThatWasShown()
    {
        var settings = await _databases.MigratedWithKeysAsync(Cancellation);
        var kid = await _databases.ActiveKidAsync(Cancellation);
        using var answer = new StringReader("y");

        var (exitCode, error) = await RotateAsync(settings, answer);

        Assert.True(exitCode == 0, error);
        Assert.Equal("1", await _databases.ReadAsync(ResourceNames.KeysDatabase, $"{Ended} AND kid = '{kid}'", Cancellation));
    }

    private static async Task<(int ExitCode, string Error)> RotateAsync(Dictionary<string, string> settings, TextReader answer)
    {
        using var error = new StringWriter();
        var terminal = new Terminal(answer, TextWriter.Null, error, IsInteractive: true);
        var exitCode = await OperatorCli.RunAsync(settings, terminal, Cancellation, "keys", "rotate", FreshDatabases.ClientId, "--retain", "0");
        return (exitCode, error.ToString());
    }

    private static void Execute(string connectionString, string statements)
    {
        using var connection = new NpgsqlConnection(connectionString);
        connection.Open();
        using var command = new NpgsqlCommand(statements, connection);
        command.ExecuteNonQuery();
    }

    /// <summary>Says yes, after something has happened.</summary>
    private sealed class Answer(Action meanwhile) : TextReader
    {
        public override string ReadLine()
        {
            meanwhile();
            return "y";
        }
    }
}
