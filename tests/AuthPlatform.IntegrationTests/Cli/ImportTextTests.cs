using System.Text;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.IntegrationTests.Cli;

/// <summary>Files in another character set than the import reads.</summary>
public sealed class ImportTextTests(AuthPlatformFixture platform) : IDisposable
{
    private static readonly string[] Users = ["joseph", "josé", "josè"];

    private readonly OldDeployment _old = new(platform);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _old.Dispose();

    /// <summary>In it the two end in one byte each, neither of which is UTF-8.</summary>
    [Fact]
    public async Task Import_OfUsersInLatin1_NamesTheirLinesAndWritesNothing()
    {
        var tokens = string.Concat(Users
            .Select(user => $"{_old.Application.ClientId},{user},{_old.Token("access", 600, user: user)},{_old.Token("refresh", 86_400, user: user)}\n")
            .Prepend("client_id,unique_key,access_token,refresh_token\n"));
        string[] arguments = [_old.WriteClients(_old.Application), _old.WriteKeys(), "--apply"];
        var (exitCode, output, error) = await _old.RunAsync([.. arguments, _old.Write("tokens.csv", tokens, Encoding.Latin1)]);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.DoesNotContain("tokens.csv, line 2:", error, StringComparison.Ordinal);
        foreach (var line in Enumerable.Range(3, 2))
        {
            Assert.Contains($"tokens.csv, line {line}: unique_key has the character U+FFFD, which is read where the file is not UTF-8", error, StringComparison.Ordinal);
        }

        Assert.Contains("CHARACTER SET utf8mb4", error, StringComparison.Ordinal);
        await using var auth = await platform.OpenAuthDatabaseAsync(Cancellation);
        await using var keys = await platform.OpenKeysDatabaseAsync(Cancellation);
        Assert.False(await auth.Applications.AnyAsync(a => a.ClientId == _old.Application.ClientId, Cancellation));
        Assert.False(await keys.SigningKeys.AnyAsync(k => k.Kid == _old.Kid, Cancellation));

        Assert.Equal((1, 1, 3, 0), await _old.ImportAsync([.. arguments, _old.Write("tokens.csv", tokens)]));
    }
}
