using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Hosting;

/// <summary>Processes that die without a word in the middle of work. One platform of its own: others would notice.</summary>
public sealed class KillTests(AuthPlatformFixture platform) : IClassFixture<AuthPlatformFixture>
{
    private const int Lanes = 10;
    private const int Operations = 500;

    private readonly ConcurrentBag<JsonElement> _live = [];
    private readonly ConcurrentBag<JsonElement> _ended = [];
    private int _acknowledged;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ResourceNames.TokenApi)]
    [InlineData(ResourceNames.KeyManager)]
    [InlineData(ResourceNames.Redis)]
    [InlineData(ResourceNames.Postgres)]
    public async Task Kill_InTheMiddleOfFiveHundredOperations_LosesNothingThatWasAcknowledged(string resource)
    {
        var work = Task.WhenAll(Enumerable.Range(0, Lanes).Select(WorkAsync));
        while (Volatile.Read(ref _acknowledged) < Operations / 3)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancellation);
        }

        await KillAndStartAsync(resource);
        await work;

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
        for (var round = 0; Volatile.Read(ref _acknowledged) < Operations; round++)
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

    private async Task<JsonElement?> TryAsync(string path, string body)
    {
        try
        {
            var (status, answer) = await platform.SendAsync(SignedRequests.V2(platform.Bootstrap, path, body), Cancellation);
            if (status == HttpStatusCode.OK)
            {
                Interlocked.Increment(ref _acknowledged);
                return answer;
            }

            Assert.True(status is HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout, answer.ToString());
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException)
        {
        }

        await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
        return null;
    }

    /// <summary>A client does with a 503 what the answer says.</summary>
    private async Task<(HttpStatusCode Status, JsonElement Body)> VerifyAsync(HttpClient replica, JsonElement issued)
    {
        while (true)
        {
            var answer = await AuthPlatformFixture.SendAsync(replica, SignedRequests.V2(platform.Bootstrap, "/auth/verify", SignedRequests.VerifyBody(issued.Text("access_token"))), Cancellation);
            if (answer.Status != HttpStatusCode.ServiceUnavailable)
            {
                return answer;
            }

            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, Cancellation);
        }
    }

    private async Task KillAndStartAsync(string resource)
    {
        var instance = await FirstAsync(resource, _ => true);
        var pid = Convert.ToInt32(instance.Snapshot.Properties.Single(p => p.Name == "executable.pid").Value, CultureInfo.InvariantCulture);
        using (var process = Process.GetProcessById(pid))
        {
            process.Kill();
        }

        await FirstAsync(resource, e => e.ResourceId == instance.ResourceId && KnownResourceStates.TerminalStates.Contains(e.Snapshot.State?.Text));
        // The state is told a moment before the command is taken.
        while (!(await platform.App.ResourceCommands.ExecuteCommandAsync(instance.ResourceId, KnownResourceCommands.StartCommand, Cancellation)).Success)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
        }

        await FirstAsync(resource, e => e.ResourceId == instance.ResourceId && e.Snapshot.HealthStatus == Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy);
        await platform.App.ResourceNotifications.WaitForResourceHealthyAsync(ResourceNames.Gateway, Cancellation);
    }

    private async Task<ResourceEvent> FirstAsync(string resource, Func<ResourceEvent, bool> condition)
    {
        await foreach (var change in platform.App.ResourceNotifications.WatchAsync(Cancellation))
        {
            if (change.Resource.Name == resource && condition(change))
            {
                return change;
            }
        }

        throw new UnreachableException();
    }
}
