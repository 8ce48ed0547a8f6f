using System.Text;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Encryption;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace AuthPlatform.IntegrationTests;

public sealed class MigrationWorkerTests(AuthPlatformFixture platform)
{
    private readonly FreshDatabases _databases = new(platform);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Whoever changes the configuration expects the new secret to work, and clients that still have the one before not to stop.</summary>
    [Fact]
    public async Task BootstrapSecret_ChangedTwice_LeavesTheLastTwo()
    {
        string[] secrets = [FreshDatabases.ClientSecret, "second-0123456789abcdef0123456789abc", "third-0123456789abcdef0123456789abcd"];
        await _databases.MigratedAsync(Cancellation);
        foreach (var secret in secrets[1..])
        {
            var (exitCode, log) = await RunAsync("Bootstrap__ClientSecret", secret);
            Assert.True(exitCode == 0, log);
        }

        Assert.Equal(secrets[1..], (await ReadSecretsAsync()).Order());

        var (again, unchanged) = await RunAsync("Bootstrap__ClientSecret", secrets[1]);
        Assert.Equal(0, again);
        Assert.Contains("is one of its secrets already", unchanged, StringComparison.Ordinal);
        Assert.Equal(secrets[1..], (await ReadSecretsAsync()).Order());
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, unchanged, StringComparison.Ordinal));
    }

    /// <summary>It had leaked, perhaps: the next upgrade must not bring it back.</summary>
    [Fact]
    public async Task BootstrapSecret_TakenOutByAnAdministrator_StaysOut()
    {
        await _databases.MigratedAsync(Cancellation);
        await using var database = await OpenAsync();
        var past = TimeProvider.System.GetUtcNow().AddMinutes(-1);
        await database.ApplicationSecrets.ExecuteUpdateAsync(set => set.SetProperty(s => s.ExpiresAt, past), Cancellation);

        var (exitCode, expired) = await RunAsync("Bootstrap__ClientSecret", FreshDatabases.ClientSecret);
        Assert.Equal(0, exitCode);
        Assert.Contains("is not added", expired, StringComparison.Ordinal);
        Assert.Equal(past.ToUnixTimeSeconds(), (await database.ApplicationSecrets.SingleAsync(Cancellation)).ExpiresAt!.Value.ToUnixTimeSeconds());

        await database.ApplicationSecrets.ExecuteDeleteAsync(Cancellation);
        await RunAsync("Bootstrap__ClientSecret", FreshDatabases.ClientSecret);
        Assert.Empty(await ReadSecretsAsync());

        // A new one is what the operator wants.
        await RunAsync("Bootstrap__ClientSecret", "second-0123456789abcdef0123456789abc");
        Assert.Single(await ReadSecretsAsync(), "second-0123456789abcdef0123456789abc");
    }

    /// <summary>The services go on meanwhile: what somebody has begun on sessions ends, though a migration waits for them.</summary>
    [Fact]
    public async Task Migration_WhileSomebodySignsIn_LetsThemWriteAndGoesOnAfterThem()
    {
        await using var database = await OpenAsync();
        await database.Database.MigrateAsync("20261126004514_SessionSweeps", Cancellation);
        await using var signIn = await OpenAsync();
        await using var transaction = await signIn.Database.BeginTransactionAsync(Cancellation);
        await signIn.Database.ExecuteSqlAsync($"SELECT FROM sessions", Cancellation);

        var migration = database.Database.MigrateAsync(Cancellation);
        await Eventually.TrueAsync(
            async () => await _databases.ReadAsync(
                ResourceNames.AuthDatabase,
                """
                SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'sessions'::regclass AND mode = 'AccessExclusiveLock' AND NOT granted
                    AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))::text
                """,
                Cancellation) == "true",
            Cancellation);
        // Writes none, and is let in to write as any other.
        await signIn.Database.ExecuteSqlAsync($"INSERT INTO sessions SELECT * FROM sessions", Cancellation);
        await transaction.CommitAsync(Cancellation);

        await migration;
        Assert.Empty(await database.Database.GetPendingMigrationsAsync(Cancellation));
    }

    /// <summary>Nobody mends them one by one, each time at the cost of a start; and none of them is quoted, which may be a secret.</summary>
    [Fact]
    public async Task Configuration_Unusable_EndsWithAllReasonsInOneLine()
    {
        (string Setting, string Value, string Reason)[] unusable =
        [
            ("Bootstrap__ClientSecret", "too-short-secret", "Bootstrap__ClientSecret must be 32 to 128 printable ASCII characters without spaces"),
            ("Bootstrap__ClientId", "not allowed", "Bootstrap__ClientId must be 1 to 64 letters, digits, '_' or '-'"),
            ("Encryption__Keys__0", "too-short", "Encryption__Keys__0 has 9 characters, but at least 32 are needed"),
            ("DatabaseRoles__TokenApi__0", "not;allowed", "DatabaseRoles__TokenApi__0 must be 32 to 128 letters, digits, '_' or '-'"),
            ("DatabaseRoles__AdminWeb__0", FreshDatabases.RolePassword, "DatabaseRoles__KeyManager__0 is missing: either each service has a role of its own, or none"),
            ("Audit__RetentionDays", "3651", "RetentionDays must be between 1 and 3650"),
        ];
        var environment = await _databases.EnvironmentAsync(Cancellation);
        foreach (var (setting, value, _) in unusable)
        {
            environment[setting] = value;
        }

        var (exitCode, log) = await ServiceProcess.Start("AuthPlatform.MigrationWorker", environment).FinishAsync(Cancellation);

        Assert.Equal(1, exitCode);
        var line = Assert.Single(log.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.All(unusable, wrong => Assert.Contains(wrong.Reason, line, StringComparison.Ordinal));
        Assert.All(unusable, wrong => Assert.DoesNotContain(wrong.Value, line, StringComparison.Ordinal));
    }

    /// <summary>Though they are not written alike: it would wait for itself.</summary>
    [Fact]
    public async Task Databases_ThatAreOne_EndTheRunBeforeAnythingIsDone()
    {
        var both = new NpgsqlConnectionStringBuilder(await _databases.ConnectionStringAsync(ResourceNames.AuthDatabase, Cancellation)) { ApplicationName = "keys" };

        var (exitCode, log) = await RunAsync("ConnectionStrings__keysdb", both.ConnectionString).WaitAsync(Eventually.Patience, Cancellation);

        Assert.Equal(1, exitCode);
        Assert.Contains($"ConnectionStrings__authdb and ConnectionStrings__keysdb name the same database, {both.Database}: each needs one of its own.", log, StringComparison.Ordinal);
        Assert.Equal("0", await _databases.ReadAsync(ResourceNames.AuthDatabase, "SELECT count(*)::text FROM pg_tables WHERE schemaname = 'public'", Cancellation));
    }

    private async Task<(int ExitCode, string Log)> RunAsync(string setting, string value) =>
        await MigrationWorkerParts.RunAsync(new Dictionary<string, string>(await _databases.EnvironmentAsync(Cancellation)) { [setting] = value }, Cancellation);

    private async Task<AuthDbContext> OpenAsync() =>
        new(new DbContextOptionsBuilder<AuthDbContext>().UseNpgsql(await _databases.ConnectionStringAsync(ResourceNames.AuthDatabase, Cancellation)).Options);

    private async Task<List<string>> ReadSecretsAsync()
    {
        var cipher = new EnvelopeCipher([FreshDatabases.EncryptionKey]);
        await using var database = await OpenAsync();
        var stored = await database.ApplicationSecrets.ToListAsync(Cancellation);
        return [.. stored.Select(s => Encoding.UTF8.GetString(cipher.Decrypt(ApplicationSecret.SecretField(s.Id), s.SecretEncrypted)))];
    }
}
