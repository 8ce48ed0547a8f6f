using System.Text.Json;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.TokenApi.Requests;
using AuthPlatform.TokenApi.Sessions;
using AuthPlatform.TokenApi.Tokens;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace AuthPlatform.IntegrationTests;

/// <summary>Replicas whose clocks are nearly as far off as they may be, in opposite directions, keep the promise of thirty seconds.</summary>
public sealed class ClockDifferenceTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(-14, 14, 5, null)]
    [InlineData(14, -14, 31, ErrorCodes.RefreshTokenReused)]
    public async Task Refresh_AgainAtAnotherReplica_HasTheGraceByTheClockOfTheDatabase(int first, int second, int secondsLater, string? refusal)
    {
        var issued = await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation);
        Assert.Null(await RefreshAsync(first, issued));
        await platform.AgeSessionAsync(issued.Text("session_id"), secondsLater, Cancellation);

        Assert.Equal(refusal, await RefreshAsync(second, issued));
    }

    [Fact]
    public async Task Refresh_AtAReplicaByWhoseClockTheSessionIsOver_SaysSo()
    {
        var issued = await platform.IssueAsync(platform.Bootstrap, SignedRequests.NewUser(), Cancellation);
        var (session, end) = (Guid.Parse(issued.Text("session_id")), TimeProvider.System.GetUtcNow().AddSeconds(10));
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        await database.Database.ExecuteSqlAsync(
            $"UPDATE sessions SET tokens_until = {end}, idle_expires_at = {end}, absolute_expires_at = {end} WHERE id = {session}", Cancellation);

        Assert.Equal(ErrorCodes.TokenExpired, await RefreshAsync(14, issued));
    }

    [Fact]
    public async Task Revoke_InTheLastSecondsOfAGrace_CountsAtOnceInTheDatabaseToo()
    {
        await using var replica = await ReplicaAsync(14);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var application = await replica.Services.GetRequiredService<ApplicationSnapshots>().FindAsync(platform.Bootstrap.ClientId, Cancellation);
        Assert.NotNull(application);
        var (session, now) = (Guid.CreateVersion7(), TimeProvider.System.GetUtcNow());
        var token = new VerifiedToken { Application = application, KeyId = null, Use = TokenNames.Access, SessionId = session, Generation = 0, ExpiresAt = now.AddMinutes(5) };
        // Another session has moved into its place.
        database.Revocations.Add(new Revocation
        {
            ApplicationId = application.Id,
            RevokedId = session,
            Reason = RevocationReasons.Replaced,
            RevokedAt = now.AddSeconds(-20),
            EffectiveAt = now.AddSeconds(10),
            Until = now.AddMinutes(5),
        });
        await database.SaveChangesAsync(Cancellation);

        await replica.Services.GetRequiredService<RevokeTokens>().RevokeAsync(application, [token], caller: null, Cancellation);

        // Redis, which has been told, would hide what stands in the database.
        await replica.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase().KeyDeleteAsync(RevocationKeys.Of(session, null));
        Assert.True(await replica.Services.GetRequiredService<RevocationList>().ContainsAsync(session, 0, Cancellation));
    }

    [Theory]
    [InlineData(14, 12, false)]
    [InlineData(-14, -5, true)]
    public async Task AccessToken_OfBeforeARefresh_DiesByTheClockOfTheDatabase(int clock, int inSeconds, bool isRefused)
    {
        await using var replica = await ReplicaAsync(clock);
        await replica.Services.GetRequiredService<ReplayTable>().LearnAsync(Cancellation);
        await using var database = await platform.OpenAuthDatabaseAsync(Cancellation);
        var (session, now) = (Guid.CreateVersion7(), TimeProvider.System.GetUtcNow());
        var (refreshedAt, until) = (now.AddMinutes(-1), now.AddMinutes(5));
        var redis = replica.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
        await RevocationKeys.WriteAsync(redis, [new RevokedTokens(session, 0, now.AddSeconds(inSeconds), until)], refreshedAt);
        database.Revocations.Add(new Revocation
        {
            ApplicationId = Guid.CreateVersion7(),
            RevokedId = session,
            Generation = 0,
            Reason = RevocationReasons.Refreshed,
            RevokedAt = refreshedAt,
            EffectiveAt = now.AddSeconds(inSeconds),
            Until = until,
        });
        await database.SaveChangesAsync(Cancellation);

        Assert.Equal(isRefused, await replica.Services.GetRequiredService<RevocationList>().ContainsAsync(session, 0, Cancellation));
    }

    /// <summary>Why it was refused; null when it was not.</summary>
    private async Task<string?> RefreshAsync(int clock, JsonElement issued)
    {
        await using var replica = await ReplicaAsync(clock);
        var application = await replica.Services.GetRequiredService<ApplicationSnapshots>().FindAsync(platform.Bootstrap.ClientId, Cancellation);
        var rotation = replica.Services.GetRequiredService<RotateRefreshToken>();
        var (_, problem) = await rotation.RotateAsync(application!, issued.Text("refresh_token"), device: "", ip: "", caller: null, Cancellation);
        return problem?.Code;
    }

    private Task<WebApplication> ReplicaAsync(int clock) => platform.BuildTokenApiAsync(new ClockThatIsOff(TimeSpan.FromSeconds(clock)), Cancellation);

    private sealed class ClockThatIsOff(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
