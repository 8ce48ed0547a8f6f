using System.Net;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Gateway;

/// <summary>A gateway that serves http and https, without limits for one address: what holds then holds because of how it reads, not because it stops listening.</summary>
public sealed class AbusedGateway(AuthPlatformFixture platform) : IAsyncLifetime
{
    /// <summary>What reading and forwarding may take, many times over; far less than what is thrown at it.</summary>
    private const long MostMemoryMore = 256 * 1024 * 1024;

    private RunningService? _gateway;

    public int TlsPort { get; private set; }

    internal TestCertificate Certificate { get; } = new();

    public Uri Address => _gateway!.Http.BaseAddress!;

    /// <summary>What everybody may read, and what is asked for by others meanwhile.</summary>
    public string PublicKeys => $"/auth/{platform.Bootstrap.ClientId}/jwks";

    /// <summary>Carries out an attack. Others are served from its beginning to its end, and afterwards, and the memory stays bounded.</summary>
    public async Task WhileOthersAreServedAsync(Func<Task> attack, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = Address };
        _gateway!.ForgetPeakMemory();
        var before = _gateway.PeakMemory;
        var attacking = attack();
        do
        {
            using var response = await client.GetAsync(new Uri(PublicKeys, UriKind.Relative), cancellationToken);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
        while (!attacking.IsCompleted);

        await attacking;
        var more = _gateway.PeakMemory - before;
        TestContext.Current.TestOutputHelper?.WriteLine($"peak memory before {before / 1048576} MB, {more / 1048576} MB more since");
        // The kernel's count may be some pages off, in either direction.
        Assert.True(more <= MostMemoryMore, $"{more} bytes more");
        var (status, answer) = await AuthPlatformFixture.SendFreshAsync(
            client, () => SignedRequests.V2(platform.Bootstrap, "/auth/token", SignedRequests.TokenBody(SignedRequests.NewUser())), cancellationToken);
        Assert.True(status == HttpStatusCode.OK, answer.ToString());
    }

    public async ValueTask InitializeAsync() => (_gateway, TlsPort) = await GatewayProcess.StartWithTlsAsync(
        platform, Certificate, new() { ["Limits__Address__PerSecond"] = "0", ["Limits__PublicKeys__PerSecond"] = "0" }, TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync()
    {
        _gateway?.Dispose();
        Certificate.Dispose();
        return ValueTask.CompletedTask;
    }
}
