using AuthPlatform.Data;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Encryption;
using AuthPlatform.Data.Keys;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.MigrationWorker;
using AuthPlatform.MigrationWorker.Roles;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AuthPlatform.UnitTests.MigrationWorker;

/// <summary>A server that is older than what the statements of the platform need.</summary>
public sealed class PostgresVersionTests
{
    [Theory]
    [InlineData("14.23", false)]
    [InlineData("9.6", false)]
    [InlineData("15.0", true)]
    [InlineData("18.4", true)]
    public void Problem_OfAServer_IsThatItIsTooOld(string version, bool isFine) => Assert.Equal(isFine, PostgresVersion.Problem("authdb", Version.Parse(version)) is null);

    [Fact]
    public async Task Server_ThatIsTooOld_EndsTheRunWithOneAndTheReasonInOneLine()
    {
        using var server = new OldPostgres("14.23");
        using var logs = new LogCollector();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddProvider(logs);
        builder.Services.AddDbContext<AuthDbContext>(options => options.UseNpgsql(server.ConnectionString));
        builder.Services.AddDbContext<KeysDbContext>(options => options.UseNpgsql(server.ConnectionString));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(new EnvelopeCipher([new string('k', EncryptionOptions.MinimumKeyLength)]));
        builder.Services.AddSingleton<DatabaseTurns>();
        builder.Services.AddSingleton<SetAuditRetention>();
        builder.Services.AddSingleton<EnsureRoles>();
        builder.Services.AddScoped<BootstrapApplication>();
        builder.Services.AddScoped<MigrationRunner>();
        using var host = builder.Build();

        var exitCode = await MigrationRunner.RunToExitCodeAsync(host).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        Assert.Equal(1, exitCode);
        var reason = Assert.Single(logs.Lines, line => line.Contains("The databases are not ready", StringComparison.Ordinal));
        Assert.Contains("old is on PostgreSQL 14.23, but 15 is the oldest that it can be on", reason, StringComparison.Ordinal);
    }
}
