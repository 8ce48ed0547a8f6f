using System.Text;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Encryption;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

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
        foreach (var secret in secrets)
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

    [Theory]
    [InlineData("Bootstrap__ClientSecret", "too-short", "Bootstrap__ClientSecret must be 32 to 128 printable ASCII characters without spaces")]
    [InlineData("Bootstrap__ClientId", "not allowed", "Bootstrap__ClientId must be 1 to 64 letters, digits, '_' or '-'")]
    [InlineData("Encryption__Keys__0", "too-short", "Encryption__Keys__0 has 9 characters, but at least 32 are needed")]
    [InlineData("DatabaseRoles__TokenApi__0", "not;allowed", "DatabaseRoles__TokenApi__0 must be 32 to 128 letters, digits, '_' or '-'")]
    [InlineData("DatabaseRoles__TokenApi__0", FreshDatabases.RolePassword, "DatabaseRoles__KeyManager__0 is missing: either each service has a role of its own, or none")]
    [InlineData("Audit__RetentionDays", "3651", "RetentionDays must be between 1 and 3650")]
    public async Task Configuration_Unusable_EndsWithTheReasonInOneLine(string setting, string value, string reason)
    {
        var (exitCode, log) = await RunAsync(setting, value);
        Assert.Equal(1, exitCode);
        var line = Assert.Single(log.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(reason, line, StringComparison.Ordinal);
        Assert.DoesNotContain(value, line, StringComparison.Ordinal);
    }

    private async Task<(int ExitCode, string Log)> RunAsync(string setting, string value)
    {
        var environment = await _databases.EnvironmentAsync(Cancellation);
        environment[setting] = value;
        return await ServiceProcess.Start("AuthPlatform.MigrationWorker", environment).FinishAsync(Cancellation);
    }

    private async Task<List<string>> ReadSecretsAsync()
    {
        var cipher = new EnvelopeCipher([FreshDatabases.EncryptionKey]);
        var options = new DbContextOptionsBuilder<AuthDbContext>().UseNpgsql(await _databases.ConnectionStringAsync(ResourceNames.AuthDatabase, Cancellation)).Options;
        await using var database = new AuthDbContext(options);
        var stored = await database.ApplicationSecrets.ToListAsync(Cancellation);
        return [.. stored.Select(s => Encoding.UTF8.GetString(cipher.Decrypt(ApplicationSecret.SecretField(s.Id), s.SecretEncrypted)))];
    }
}
