using System.Net;
using System.Net.Sockets;
using System.Text;
using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Gateway;

/// <summary>What the gateway's log says of requests that could not be passed on: which replica and why, and nothing that a stranger could fill a disk with.</summary>
public sealed class FailedForwardsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_ForAReplicaThatIsGone_AreToldOnceAndInOneLine()
    {
        // Taken, so that nobody else gets it, but nobody listens.
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var gone = $"http://{silent.LocalEndPoint}";
        using var gateway = await StartAsync(gone);

        for (var i = 0; i < 20; i++)
        {
            using var body = new StringContent("{}");
            using var response = await gateway.Http.PostAsync(new Uri("/auth/token", UriKind.Relative), body, Cancellation);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        }

        await Eventually.TrueAsync(() => Task.FromResult(Failures(gateway).Any()), Cancellation);
        // A minute may have ended between them.
        Assert.InRange(Failures(gateway).Count(), 1, 3);
        Assert.All(Failures(gateway), line => Assert.Contains($"token-api at {gone}/ failed a request (Request): Connection refused", line, StringComparison.Ordinal));
        Assert.DoesNotContain(gateway.Log, IsOfAStackTrace);
    }

    [Fact]
    public async Task Body_ThatItsClientSpoils_LeavesNoLine()
    {
        await using var replica = await StandInReplica.StartAsync(context => context.Request.Body.CopyToAsync(Stream.Null, Cancellation), Cancellation);
        using var gateway = await StartAsync(replica.Address);
        var lines = gateway.Log.Count;

        using var client = new TcpClient();
        await client.ConnectAsync(gateway.Http.BaseAddress!.Host, gateway.Http.BaseAddress.Port, Cancellation);
        await client.GetStream().WriteAsync("POST /auth/token HTTP/1.1\r\nHost: gateway\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\nno length\r\n"u8.ToArray(), Cancellation);
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        Assert.Equal("HTTP/1.1 400 Bad Request", await reader.ReadLineAsync(Cancellation));

        // What it says when it ends comes after whatever it had to say of the request.
        await gateway.StopAsync(Cancellation);
        Assert.DoesNotContain(gateway.Log.Skip(lines), line => line.Contains("warn:", StringComparison.Ordinal) || IsOfAStackTrace(line));
    }

    /// <summary>A gateway that need not be ready.</summary>
    private static Task<RunningService> StartAsync(string services)
    {
        string[] names = [ResourceNames.KeyManager, ResourceNames.AdminWeb, ResourceNames.TokenApi];
        return RunningService.ListenAsync("AuthPlatform.Gateway", names.ToDictionary(name => $"services__{name}__http__0", _ => services), Cancellation);
    }

    private static IEnumerable<string> Failures(RunningService gateway) => gateway.Log.Where(line => line.Contains("failed a request", StringComparison.Ordinal));

    private static bool IsOfAStackTrace(string line) => line.Contains("   at ", StringComparison.Ordinal) || line.Contains("Exception:", StringComparison.Ordinal);
}
