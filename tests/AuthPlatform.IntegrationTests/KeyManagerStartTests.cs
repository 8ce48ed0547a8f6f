using System.Net.Http.Headers;
using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;
using Npgsql;

namespace AuthPlatform.IntegrationTests;

/// <summary>Token APIs ask a replica to sign as soon as it listens, whether or not it has read its keys.</summary>
public sealed class KeyManagerStartTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task KeyManager_AskedWhileItReadsItsKeys_LetsWaitAndRefusesNothing()
    {
        var environment = await new FreshDatabases(platform).MigratedWithKeysAsync(Cancellation);
        await using var connection = new NpgsqlConnection(environment["ConnectionStrings__keysdb"]);
        await connection.OpenAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await using var nobodyReads = new NpgsqlCommand("LOCK TABLE signing_keys IN ACCESS EXCLUSIVE MODE", connection);
        await nobodyReads.ExecuteNonQueryAsync(Cancellation);
        using var keyManager = await RunningService.ListenAsync("AuthPlatform.KeyManager", environment, Cancellation);
        keyManager.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", FreshDatabases.InternalSecret);
        var isReady = keyManager.IsReadyAsync(Cancellation);

        // One after the other without waiting for answers: some come just when the keys have been read.
        var answers = new List<Task<IReadOnlyList<(SignedToken? Token, int Status)>>>();
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (!isReady.IsCompleted && await pace.WaitForNextTickAsync(Cancellation))
        {
            answers.Add(keyManager.Http.SignAsync([new SigningRequest(FreshDatabases.ClientId, KeyManagerContract.AccessTokenType, "{}"u8.ToArray())], Cancellation));
            if (answers.Count == 100)
            {
                await transaction.CommitAsync(Cancellation);
            }
        }

        Assert.True(await isReady);
        Assert.All(await Task.WhenAll(answers), answer => Assert.Equal(200, Assert.Single(answer).Status));
    }
}
