using System.Net;
using System.Net.Sockets;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Npgsql;

namespace Aspire.Hosting.Running;

/// <summary>Ask a resource how it is. They return what is wrong, or null; not reaching it at all throws, and a <see cref="DistributedApplicationException"/> says that waiting will not help.</summary>
internal static class HealthProbes
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10) });

    public static async Task<string?> HttpAsync(Uri url, CancellationToken cancellationToken)
    {
        using var response = await Http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return response.StatusCode == HttpStatusCode.OK ? null : $"{url.PathAndQuery} answers {(int)response.StatusCode}.";
    }

    public static async Task<string?> PostgresAsync(PostgresServerResource server, string database, CancellationToken cancellationToken)
    {
        // Not pooled: a pooled connection would say nothing about a server that was restarted meanwhile.
        await using var connection = new NpgsqlConnection(
            $"{await server.GetConnectionStringAsync(cancellationToken)};Database={database};Pooling=false;Timeout=3");
        try
        {
            await connection.OpenAsync(cancellationToken);
            return null;
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.InvalidPassword)
        {
            throw new DistributedApplicationException(
                $"The data in {server.DataDirectory} was made with another password: set parameter '{server.PasswordParameter.Name}' to that one, or delete the directory to start afresh.");
        }
    }

    /// <summary>Speaks the protocol itself: two commands are not worth a client library.</summary>
    public static async Task<string?> RedisAsync(int port, string password, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        await using var stream = client.GetStream();
        var command = $"*2\r\n$4\r\nAUTH\r\n${Encoding.UTF8.GetByteCount(password)}\r\n{password}\r\n*1\r\n$4\r\nPING\r\n";
        await stream.WriteAsync(Encoding.UTF8.GetBytes(command), cancellationToken);
        using var reader = new StreamReader(stream);
        var authenticated = await reader.ReadLineAsync(cancellationToken);
        var pong = authenticated == "+OK" ? await reader.ReadLineAsync(cancellationToken) : authenticated;
        return pong == "+PONG" ? null : $"PING is answered with '{pong}'.";
    }
}
