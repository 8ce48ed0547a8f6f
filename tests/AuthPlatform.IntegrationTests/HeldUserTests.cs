using AuthPlatform.Data;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.TokenApi;
using AuthPlatform.TokenApi.Requests;
using AuthPlatform.TokenApi.Sessions;
using AuthPlatform.TokenApi.Tokens;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Application = AuthPlatform.TokenApi.Requests.Application;

namespace AuthPlatform.IntegrationTests;

/// <summary>What waits for a user, or a session, that somebody holds: not for long, and with one connection, however often it is asked for.</summary>
public sealed class HeldUserTests(AuthPlatformFixture platform)
{
    private const string NoRedis = "127.0.0.1:1";
    private const string User = "held";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>More of them than there are connections; behind one of the other kind, for whoever moves and whoever signs out wait in one row.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Requests_ForAUserWhoIsHeld_WaitForOneOfThemAndHoldUpNobodyElse(bool move)
    {
        const int Requests = 20;
        await using var replica = await platform.BuildTokenApiApartAsync(NoRedis, Cancellation);
        var (dataSource, application) = await PartsAsync(replica);
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var turns = new UserTurns(clock);
        var (starts, store, own) = (new SessionStarts(dataSource, turns, clock), new SessionStore(dataSource, turns, clock), new OwnSessions(dataSource, turns));
        await using var holder = await OutsideAsync(replica);
        await using var transaction = await holder.BeginTransactionAsync(Cancellation);
        await UserSessions.HoldAsync(transaction, application, [User], Cancellation);

        Task first = move ? FindAsync() : MoveAsync();
        var others = Enumerable.Range(0, Requests).Select(_ => move ? MoveAsync() : (Task)FindAsync()).ToList();
        clock.Advance(Batcher<int, int>.Patience);

        foreach (var waiting in others)
        {
            await Assert.ThrowsAsync<TimeoutException>(() => waiting);
        }

        await starts.StartAsync(application, UserSessions.New("stranger"), Cancellation);
        Assert.Equal(PostgresErrorCodes.LockNotAvailable, (await Assert.ThrowsAsync<PostgresException>(() => first)).SqlState);

        Task<IReadOnlyList<EndedSession>?> MoveAsync()
        {
            var now = clock.GetUtcNow();
            var session = new LiveSession(Guid.CreateVersion7(), User, new UserPlace("phone", ""), 0, null, null, now, now, now, now, now);
            var renewal = new SessionRenewal { MovedTo = new UserPlace("tablet", ""), KeyId = "none", RefreshedAt = now, TokensUntil = now, IdleExpiresAt = now, GraceUntil = now };
            return store.RenewAsync(application, session, renewal, Cancellation);
        }

        Task<IReadOnlyList<Guid>> FindAsync() => own.OfUserAsync(application, User, new UserPlace("", ""), limit: 10, Cancellation);
    }

    [Fact]
    public async Task End_OfASessionThatSomebodyHolds_DoesNotWaitForLong()
    {
        await using var replica = await platform.BuildTokenApiApartAsync(NoRedis, Cancellation);
        var (dataSource, application) = await PartsAsync(replica);
        var session = UserSessions.New(User);
        await replica.Services.GetRequiredService<SessionStarts>().StartAsync(application, session, Cancellation);
        await using var holder = await OutsideAsync(replica);
        await using var transaction = await holder.BeginTransactionAsync(Cancellation);
        await using var hold = new NpgsqlCommand("SELECT FROM sessions FOR UPDATE", holder, transaction);
        await hold.ExecuteNonQueryAsync(Cancellation);

        // Of a refresh token that comes again, and of a revocation.
        var reused = SessionEnding.EndAsync(dataSource, application.Id, [session.Id], RevocationReasons.RefreshReuse, session.StartedAt, Cancellation);
        var revoked = replica.Services.GetRequiredService<RevokeTokens>().RevokeSessionsAsync(application, [session.Id], caller: null, Cancellation);

        Assert.Equal(PostgresErrorCodes.LockNotAvailable, (await Assert.ThrowsAsync<PostgresException>(() => reused)).SqlState);
        Assert.Equal(PostgresErrorCodes.LockNotAvailable, (await Assert.ThrowsAsync<PostgresException>(() => revoked)).SqlState);
    }

    /// <summary>Those that ended before the one that somebody holds would be refused a moment later only.</summary>
    [Fact]
    public async Task End_OfManySessionsOfWhichSomebodyHoldsTheLast_TellsRedisOfTheOthers()
    {
        await using var replica = await platform.BuildTokenApiApartAsync(NoRedis, Cancellation);
        var (dataSource, application) = await PartsAsync(replica);
        await UserSessions.ImportAsync(dataSource, User, RevokeTokens.AtOnce + 1, Cancellation);
        var sessions = await replica.Services.GetRequiredService<OwnSessions>().OfUserAsync(application, User, new UserPlace("", ""), int.MaxValue, Cancellation);
        await using var holder = await OutsideAsync(replica);
        await using var transaction = await holder.BeginTransactionAsync(Cancellation);
        await using var hold = new NpgsqlCommand("SELECT FROM sessions WHERE id = $1 FOR UPDATE", holder, transaction) { Parameters = { Sql.Value(sessions[^1]) } };
        await hold.ExecuteNonQueryAsync(Cancellation);
        var redis = CountingRedis.Create();
        var announcer = new RevocationAnnouncer(redis.Connection, dataSource, TimeProvider.System, NullLogger<RevocationAnnouncer>.Instance);
        var revocation = ActivatorUtilities.CreateInstance<RevokeTokens>(replica.Services, announcer);

        await Assert.ThrowsAsync<PostgresException>(() => revocation.RevokeSessionsAsync(application, sessions, caller: null, Cancellation));

        Assert.Equal(RevokeTokens.AtOnce, redis.Written);
    }

    private static async Task<(NpgsqlDataSource DataSource, Application Application)> PartsAsync(WebApplication replica) =>
        (replica.Services.GetRequiredService<NpgsqlDataSource>(), (await replica.Services.GetRequiredService<ApplicationSnapshots>().FindAsync(FreshDatabases.ClientId, Cancellation))!);

    /// <summary>A connection that is none of those for requests.</summary>
    private static async Task<NpgsqlConnection> OutsideAsync(WebApplication replica) =>
        await replica.Services.GetRequiredKeyedService<NpgsqlDataSource>(TokenApiServices.Upkeep).OpenConnectionAsync(Cancellation);
}
