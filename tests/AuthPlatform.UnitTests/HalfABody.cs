using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace AuthPlatform.UnitTests;

/// <summary>A request whose client ends the connection when half of its body is sent.</summary>
internal static class HalfABody
{
    /// <summary>What reading it ends with.</summary>
    /// <param name="read">Reads the body of the request.</param>
    /// <param name="isReset">Whether the client, or its machine, gives the connection up, instead of closing it.</param>
    public static async Task<Exception?> ReadAsync(Func<HttpContext, Task> read, bool isReset)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await LocalServer.StartAsync(async context =>
        {
            // As it is for a moment: whoever reads the body hears of the end first.
            context.RequestAborted = CancellationToken.None;
            begun.SetResult();
            ended.SetResult(await Record.ExceptionAsync(() => read(context)));
        });
        var address = new Uri(server.Urls.Single());
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(address.Host, address.Port, cancellation);
        await client.SendAsync("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\n{}"u8.ToArray(), cancellation);
        await begun.Task.WaitAsync(cancellation);
        client.LingerState = new LingerOption(isReset, 0);
        client.Close();
        return await ended.Task.WaitAsync(cancellation);
    }
}
