using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Hosting;

/// <summary>Processes that die without a word in the middle of work.</summary>
[Collection<ReplicatedPlatform.Tests>]
public sealed class KillTests(ReplicatedPlatform platform)
{
    private const int Lanes = 10;
    private const int Before = 20;
    private const int After = 40;

    private readonly ConcurrentBag<JsonElement> _live = [];
    private readonly ConcurrentBag<JsonElement> _ended = [];
    private readonly ConcurrentBag<(long Began, string Answer)> _failures = [];
    private readonly ConcurrentBag<(long Began, string Answer)> _repeated = [];
    private bool _repeats;
    private int _acknowledged;
    private int _underWay;
    private int _goal;
    private long _began;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ResourceNames.Redis)]
    [InlineData(ResourceNames.Postgres)]
    public async Task Kill_OfAStore_LosesNothingThatWasAcknowledged(string resource)
    {
        var work = Work(WorkAsync);
        await UnderWayAsync(work);
        var killed = await platform.KillAsync(await platform.FirstAsync(resource, _ => true));
        EndSoon();
        await platform.StartAsync(killed);
        await work;
        await AssertNothingIsLostAsync();
    }

    /// <summary>Those that are sent when the replica is dead go to the other one, without anybody noticing; what was under way on it is lost at most.</summary>
    [Theory]
    [InlineData(ResourceNames.TokenApi)]
    [InlineData(ResourceNames.KeyManager)]
    public async Task Kill_OfEachReplicaInTurn_LosesAtMostWhatWasUnderWayOnIt(string resource)
    {
        await KillReplicasAsync(resource, WorkAsync);
        await AssertNothingIsLostAsync();
    }

    [Fact]
    public Task Kill_OfEachReplicaOfThePages_LosesAtMostWhatWasUnderWayOnIt() => KillReplicasAsync(ResourceNames.AdminWeb, ReadPagesAsync);

    /// <summary>It takes connections and says nothing any more, which is worse than being dead: each request has to find out.</summary>
    [Fact]
    public async Task Hang_OfAKeyManager_FailsNothingThatIsSentAgain()
    {
        var keyManager = await platform.RunningAsync((await platform.InstancesAsync(ResourceNames.KeyManager))[0]);
        await ReplicatedPlatform.SignalAsync(keyManager, "STOP");
        try
        {
            _repeats = true;
            for (var i = 0; i < 10; i++)
            {
                await TryAsync("/auth/token", SignedRequests.TokenBody(SignedRequests.NewUser()));
            }

            Assert.True(_failures.IsEmpty, string.Join('\n', _failures.Select(failure => failure.Answer)));
            // A crowded machine may hold up one.
            Assert.True(_repeated.Count <= 1, string.Join('\n', _repeated.Select(answer => answer.Answer)));
        }
        finally
        {
            await ReplicatedPlatform.SignalAsync(keyManager, "CONT");
        }
    }

    private async Task KillReplicasAsync(string resource, Func<int, Task> worker)
    {
        _repeats = true;
        foreach (var replica in await platform.InstancesAsync(resource))
        {
            _failures.Clear();
            _repeated.Clear();
            var work = Work(worker);
            await UnderWayAsync(work);
            await platform.KillAsync(replica);
            var dead = TimeProvider.System.GetTimestamp();
            EndSoon();
            await work;

            Assert.True(_failures.All(failure => failure.Began <= dead), string.Join('\n', _failures.Select(failure => $"{failure.Began - dead}: {failure.Answer}")));
            // Each lane has one request under way at a time.
            Assert.True(_failures.Count <= Lanes, string.Join('\n', _failures.Select(failure => failure.Answer)));
            var afterwards = _repeated.Where(answer => answer.Began > dead).Select(answer => answer.Answer).ToList();
            Assert.True(afterwards.Count <= Lanes, string.Join('\n', afterwards));
            await platform.StartAsync(replica);
        }
    }

    private Task Work(Func<int, Task> worker)
    {
        (_underWay, _goal, _began) = (_acknowledged + Before, int.MaxValue, TimeProvider.System.GetTimestamp());
        return Task.WhenAll(Enumerable.Range(0, Lanes).Select(worker));
    }

    private Task UnderWayAsync(Task work) =>
        Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref _acknowledged) >= _underWay || work.IsFaulted), Cancellation);

    /// <summary>However fast it goes, there is work when something dies, and afterwards.</summary>
    private void EndSoon() => Volatile.Write(ref _goal, Volatile.Read(ref _acknowledged) + After);

    private async Task AssertNothingIsLostAsync()
    {
        Assert.NotEmpty(_live);
        Assert.NotEmpty(_ended);
        foreach (var replica in platform.TokenApis)
        {
            foreach (var ended in _ended)
            {
                Assert.Equal(HttpStatusCode.Unauthorized, (await VerifyAsync(replica, ended)).Status);
            }

            foreach (var live in _live)
            {
                var (status, answer) = await VerifyAsync(replica, live);
                Assert.True(status == HttpStatusCode.OK, $"{answer} of {live}");
            }
        }

        foreach (var live in _live)
        {
            await platform.RefreshAsync(platform.Bootstrap, live.Text("refresh_token"), Cancellation);
        }
    }

    /// <summary>Issues, refreshes and revokes, and notes what was acknowledged. After an answer that did not come, or was a 503, nobody knows; the next user comes.</summary>
    private async Task WorkAsync(int lane)
    {
        for (var round = 0; GoesOn(); round++)
        {
            if (await TryAsync("/auth/token", SignedRequests.TokenBody(SignedRequests.NewUser())) is not { } issued
                || await TryAsync("/auth/refresh", SignedRequests.VerifyBody(issued.Text("refresh_token"))) is not { } refreshed)
            {
                continue;
            }

            if ((lane + round) % 2 == 0)
            {
                _live.Add(refreshed);
            }
            else if (await TryAsync("/auth/revoke", SignedRequests.VerifyBody(refreshed.Text("access_token"))) is not null)
            {
                _ended.Add(refreshed);
            }
        }
    }

    private async Task ReadPagesAsync(int lane)
    {
        while (GoesOn())
        {
            await TryAsync(async () =>
            {
                using var response = await platform.Gateway.GetAsync(new Uri("/admin/sign-in", UriKind.Relative), Cancellation);
                return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation));
            });
        }
    }

    /// <summary>Whether there is more to do. A platform that stays dead fails the test: it is not tried for ever.</summary>
    private bool GoesOn()
    {
        Assert.True(TimeProvider.System.GetElapsedTime(_began) < Eventually.Patience, string.Join('\n', _failures.Select(failure => failure.Answer)));
        return Volatile.Read(ref _acknowledged) < Volatile.Read(ref _goal);
    }

    private async Task<JsonElement?> TryAsync(string path, string body) =>
        await TryAsync(() => platform.SendAsync(SignedRequests.V2(platform.Bootstrap, path, body), Cancellation)) is { ValueKind: not JsonValueKind.Undefined } answer ? answer : null;

    private async Task<TAnswer?> TryAsync<TAnswer>(Func<Task<(HttpStatusCode Status, TAnswer Body)>> send)
        where TAnswer : notnull
    {
        var began = TimeProvider.System.GetTimestamp();
        try
        {
            var (status, answer) = await send();
            if (status == HttpStatusCode.ServiceUnavailable && _repeats)
            {
                // What a crowded machine holds up passes at the next try, as the contract says.
                _repeated.Add((began, $"{answer}"));
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, Cancellation);
                began = TimeProvider.System.GetTimestamp();
                (status, answer) = await send();
            }

            if (status == HttpStatusCode.OK)
            {
                Interlocked.Increment(ref _acknowledged);
                return answer;
            }

            Assert.True(status is HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout, answer.ToString());
            _failures.Add((began, $"{status} {answer}"));
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException)
        {
            _failures.Add((began, exception.Message));
        }

        await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
        return default;
    }

    /// <summary>A client does with a 503 what the answer says.</summary>
    private async Task<(HttpStatusCode Status, JsonElement Body)> VerifyAsync(HttpClient replica, JsonElement issued)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        while (true)
        {
            var answer = await AuthPlatformFixture.SendAsync(replica, SignedRequests.V2(platform.Bootstrap, "/auth/verify", SignedRequests.VerifyBody(issued.Text("access_token"))), patience.Token);
            if (answer.Status != HttpStatusCode.ServiceUnavailable)
            {
                return answer;
            }

            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, patience.Token);
        }
    }
}
