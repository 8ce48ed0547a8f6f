using System.Text.Json;
using AuthPlatform.Cli.Running;
using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;
using Npgsql;

namespace AuthPlatform.IntegrationTests.Cli;

/// <summary>What somebody confirms is about the key that they were shown.</summary>
public sealed class ConfirmedKeyTests(AuthPlatformFixture platform)
{
    /// <summary>By schedule, or by somebody else; and long enough ago for another one.</summary>
    private const string AnotherTakesOver =
        """
        UPDATE signing_keys SET superseded_at = now(), expires_at = now() + interval '14 days', private_key_encrypted = NULL, encryption_key = NULL
            WHERE activated_at IS NOT NULL AND superseded_at IS NULL;
        UPDATE signing_keys SET activated_at = now() WHERE activated_at IS NULL;
        UPDATE key_applications SET rotated_at = NULL;
        """;

    private const string Ended = "SELECT count(*)::text FROM signing_keys WHERE expires_at <= superseded_at";

    private readonly FreshDatabases _databases = new(platform);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rotate_ThatEndsTheKeyAtOnceWhenAnotherHasTakenOverMeanwhile_EndsNone()
    {
        var (settings, kid) = await RotatedAsync();
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
        var (settings, kid) = await RotatedAsync();
        using var answer = new Answer(() => Execute(settings["ConnectionStrings__keysdb"], "UPDATE key_applications SET rotated_at = NULL"));

        var (exitCode, error) = await RotateAsync(settings, answer);

        Assert.True(exitCode == 0, error);
        Assert.Equal("1", await _databases.ReadAsync(ResourceNames.KeysDatabase, $"{Ended} AND kid = '{kid}'", Cancellation));
    }

    /// <summary>Databases of an application that has keys, and the one that signs.</summary>
    private async Task<(Dictionary<string, string> Settings, string Kid)> RotatedAsync()
    {
        var settings = await _databases.MigratedAsync(Cancellation);
        var (exitCode, rotation, error) = await OperatorCli.RunAsync(settings, Cancellation, "keys", "rotate", FreshDatabases.ClientId, "--json");
        Assert.True(exitCode == 0, error);
        return (settings, JsonElement.Parse(rotation).Text("new_kid"));
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
