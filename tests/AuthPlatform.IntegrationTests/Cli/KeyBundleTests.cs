using System.Text.Json;
using AuthPlatform.Data.Keys;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Cli;

/// <summary>Keys that have lived in another installation before.</summary>
public sealed class KeyBundleTests(AuthPlatformFixture platform) : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("authplatform-bundle-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Delete(recursive: true);

    /// <summary>By its age it would be due, and the announced key here is announced for long enough.</summary>
    [Fact]
    public async Task Import_OfAnOldKeyThatIsToSign_LetsItSignForAsLongAsANewOne()
    {
        var (bundle, passphrase) = (Path.Combine(_directory.FullName, "keys.json"), Path.Combine(_directory.FullName, "passphrase"));
        await File.WriteAllTextAsync(passphrase, "correct horse battery staple", Cancellation);
        var settings = await new FreshDatabases(platform).MigratedAsync(Cancellation);
        await using var keys = new KeysDbContext(new DbContextOptionsBuilder<KeysDbContext>().UseNpgsql(settings["ConnectionStrings__keysdb"]).Options);
        var kid = JsonElement.Parse(await RunAsync(settings, "keys", "rotate", FreshDatabases.ClientId)).Text("new_kid");
        await keys.Database.ExecuteSqlAsync(
            $"""
            UPDATE signing_keys SET created_at = now() - interval '230 days', announced_at = now() - interval '230 days', activated_at = now() - interval '200 days'
            WHERE activated_at IS NOT NULL AND superseded_at IS NULL
            """,
            Cancellation);
        await RunAsync(settings, "keys", "export", FreshDatabases.ClientId, "--out", bundle, "--passphrase-file", passphrase);
        await keys.KeyApplications.ExecuteDeleteAsync(Cancellation);
        await RunAsync(settings, "keys", "ensure", FreshDatabases.ClientId);
        await RunAsync(settings, "keys", "rotate", FreshDatabases.ClientId);
        await keys.Database.ExecuteSqlAsync(
            $"UPDATE signing_keys SET created_at = now() - interval '20 days', announced_at = now() - interval '20 days' WHERE activated_at IS NULL", Cancellation);
        var next = await keys.SigningKeys.Where(k => k.ActivatedAt == null).Select(k => k.Kid).SingleAsync(Cancellation);

        await RunAsync(settings, "keys", "import", FreshDatabases.ClientId, bundle, "--active", "--passphrase-file", passphrase);

        var signs = await keys.SigningKeys.AsNoTracking().SingleAsync(k => k.ActivatedAt != null && k.SupersededAt == null, Cancellation);
        Assert.Equal(kid, signs.Kid);
        Assert.InRange(TimeProvider.System.GetUtcNow() - signs.ActivatedAt!.Value, TimeSpan.FromMinutes(-1), TimeSpan.FromHours(1));
        Assert.Equal(next, await keys.SigningKeys.Where(k => k.ActivatedAt == null).Select(k => k.Kid).SingleAsync(Cancellation));
    }

    private static async Task<string> RunAsync(Dictionary<string, string> settings, params string[] arguments)
    {
        var (exitCode, output, error) = await OperatorCli.RunAsync(settings, Cancellation, [.. arguments, "--json"]);
        Assert.True(exitCode == 0, error);
        return output;
    }
}
