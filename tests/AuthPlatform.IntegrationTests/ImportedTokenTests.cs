using AuthPlatform.Contracts;
using AuthPlatform.Data.Encryption;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.TokenApi.Requests;
using AuthPlatform.TokenApi.Tokens;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AuthPlatform.IntegrationTests;

/// <summary>What the database is asked for tokens that may be the older service's: here within this process, over a database of its own.</summary>
public sealed class ImportedTokenTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_TwoHundredAtOnce_AsksForManyTogether()
    {
        var databases = new FreshDatabases(platform);
        await databases.MigratedAsync(Cancellation, ResourceNames.AuthDatabase);
        using var logs = new LogCollector();
        using var loggers = new LoggerFactory([logs]);
        await using var dataSource = new NpgsqlDataSourceBuilder(await databases.ConnectionStringAsync(ResourceNames.AuthDatabase, Cancellation)).UseLoggerFactory(loggers).Build();
        var options = Options.Create(new TokenOptions());
        var (application, _) = await new ApplicationReader(dataSource, new EnvelopeCipher([FreshDatabases.EncryptionKey]), options, TimeProvider.System).ReadAsync(FreshDatabases.ClientId);
        // Of those that nobody has imported, nothing but the hash is looked at.
        var imported = new ImportedTokens(dataSource, null!, options, TimeProvider.System);

        var found = await Task.WhenAll(Enumerable.Range(0, 200).Select(
            number => imported.ReadAsync(application!, $"token {number}", null!, use: null, evenExpired: true, Cancellation).AsTask()));

        Assert.All(found, answer => Assert.True(answer is (null, null)));
        // Each question is logged more than once: before, and with its duration.
        Assert.InRange(logs.Lines.Count(line => line.Contains("imported_tokens", StringComparison.Ordinal)), 1, 50);
    }
}
