using AuthPlatform.Contracts;
using AuthPlatform.Data.Encryption;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.TokenApi;
using AuthPlatform.TokenApi.Requests;
using AuthPlatform.TokenApi.Sessions;
using AuthPlatform.TokenApi.Tokens;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace AuthPlatform.IntegrationTests;

/// <summary>Sessions that start together, while somebody holds what one of them needs: here within this process, over a database of its own.</summary>
public sealed class SessionStartTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_OfFortyUsersOneOfWhomIsBeingImported_FailsForThatOneOnly()
    {
        const int Imported = 10;
        await using var dataSource = await OpenAsync();
        var application = await ReadApplicationAsync(dataSource);
        var starts = new SessionStarts(dataSource, new UserTurns(TimeProvider.System), TimeProvider.System);
        await using var import = await dataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await import.BeginTransactionAsync(Cancellation);
        await using var insert = new NpgsqlCommand(
            $"""
            INSERT INTO sessions (id, application_id, unique_key, device, device_hash, ip, key_id, created_at, refreshed_at, tokens_until, idle_expires_at, absolute_expires_at)
            SELECT gen_random_uuid(), id, 'user {Imported}', '', sha256(''), '', 'none', now(), now(), now(), now(), now() FROM applications
            """,
            import,
            transaction);
        await insert.ExecuteNonQueryAsync(Cancellation);

        var starting = Enumerable.Range(0, 40).Select(number => starts.StartAsync(application, UserSessions.New($"user {number}"), Cancellation)).ToList();

        await Task.WhenAll(starting.Where((_, number) => number != Imported));
        Assert.Equal(PostgresErrorCodes.LockNotAvailable, (await Assert.ThrowsAsync<PostgresException>(() => starting[Imported])).SqlState);
    }

    /// <summary>
    /// One after the other, the five would hold up those behind them longer than anybody has patience: for a second together with all, and then for one each. As it is, it is two.
    /// </summary>
    [Fact]
    public async Task Start_OfFortyUsersFiveOfWhomAreHeld_FailsForThoseOnly()
    {
        // Not the first ones, which may go out before the others have come.
        const int First = 20;
        const int Held = 5;
        await using var dataSource = await OpenAsync();
        var application = await ReadApplicationAsync(dataSource);
        var starts = new SessionStarts(dataSource, new UserTurns(TimeProvider.System), TimeProvider.System);
        await using var holder = await dataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await holder.BeginTransactionAsync(Cancellation);
        await UserSessions.HoldAsync(transaction, application, [.. Enumerable.Range(First, Held).Select(number => $"user {number}")], Cancellation);

        var starting = Enumerable.Range(0, 40).Select(number => starts.StartAsync(application, UserSessions.New($"user {number}"), Cancellation)).ToList();

        await Task.WhenAll(starting.Where((_, number) => number is < First or >= First + Held));
        foreach (var held in starting.Skip(First).Take(Held))
        {
            Assert.Equal(PostgresErrorCodes.LockNotAvailable, (await Assert.ThrowsAsync<PostgresException>(() => held)).SqlState);
        }
    }

    [Fact]
    public async Task Start_TenTimesOfAUserWhoIsHeld_WaitsNoLongerThanItMayAndHoldsUpNobodyElse()
    {
        await using var dataSource = await OpenAsync();
        var application = await ReadApplicationAsync(dataSource);
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var starts = new SessionStarts(dataSource, new UserTurns(clock), clock);
        await using var holder = await dataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await holder.BeginTransactionAsync(Cancellation);
        await UserSessions.HoldAsync(transaction, application, ["held"], Cancellation);

        var held = Enumerable.Range(0, 10).Select(_ => starts.StartAsync(application, UserSessions.New("held"), Cancellation)).ToList();
        clock.Advance(Batcher<int, int>.Patience);

        foreach (var waiting in held.Skip(1))
        {
            await Assert.ThrowsAsync<TimeoutException>(() => waiting);
        }

        await starts.StartAsync(application, UserSessions.New("stranger"), Cancellation);
        Assert.Equal(PostgresErrorCodes.LockNotAvailable, (await Assert.ThrowsAsync<PostgresException>(() => held[0])).SqlState);
    }

    private async Task<NpgsqlDataSource> OpenAsync()
    {
        var databases = new FreshDatabases(platform);
        await databases.MigratedAsync(Cancellation, ResourceNames.AuthDatabase);
        return NpgsqlDataSource.Create(await databases.ConnectionStringAsync(ResourceNames.AuthDatabase, Cancellation));
    }

    private static async Task<Application> ReadApplicationAsync(NpgsqlDataSource dataSource)
    {
        var reader = new ApplicationReader(dataSource, new EnvelopeCipher([FreshDatabases.EncryptionKey]), Options.Create(new TokenOptions()), TimeProvider.System);
        return (await reader.ReadAsync(FreshDatabases.ClientId)).Application!;
    }
}
