using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AuthPlatform.Contracts;

/// <summary>Has tokens signed by the Key Manager: raw bytes over kept-alive HTTP/1.1 connections, no JSON around a JWT. Thread-safe.</summary>
public sealed partial class KeyManagerClient(HttpClient http, ILogger<KeyManagerClient> logger)
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    /// <summary>
    /// Signs a payload with the active key of an application. Null when that cannot be had at the moment, because the Key Manager does not answer, has no
    /// keys for the application yet or does not take our secret; the log says which. There is nothing a caller could do differently for each.
    /// </summary>
    /// <param name="clientId">The application, a well-formed client id.</param>
    /// <param name="type">The <c>typ</c> of the token's header, one of those in <see cref="KeyManagerContract"/>.</param>
    /// <param name="payload">A JSON object of at most <see cref="KeyManagerContract.MaxPayloadLength"/> bytes of UTF-8.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<SignedToken?> SignAsync(string clientId, string type, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, KeyManagerContract.SignAddress(clientId, type));
        request.Content = new ReadOnlyMemoryContent(payload);
        request.Content.Headers.ContentType = Json;
        try
        {
            using var response = await http.SendAsync(request, cancellationToken);
            if (response.StatusCode == HttpStatusCode.OK && response.Headers.TryGetValues(KeyManagerContract.KeyIdHeader, out var keyIds))
            {
                return new SignedToken(await response.Content.ReadAsStringAsync(cancellationToken), keyIds.First());
            }

            Log.Refused(logger, clientId, (int)response.StatusCode);
            return null;
        }
        catch (HttpRequestException exception)
        {
            Log.Unreachable(logger, exception.Message);
            return null;
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            Log.Unreachable(logger, exception.Message);
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The Key Manager did not sign for {ClientId}: it answered {Status}")]
        public static partial void Refused(ILogger logger, string clientId, int status);

        [LoggerMessage(2, LogLevel.Warning, "The Key Manager does not answer: {Reason}")]
        public static partial void Unreachable(ILogger logger, string reason);
    }
}

/// <summary>Registers the client of the Key Manager.</summary>
public static class KeyManagerClientRegistration
{
    /// <summary>Adds <see cref="KeyManagerClient"/> with the first secret of section <c>InternalCalls</c>; its address is found by service discovery.</summary>
    public static IServiceCollection AddKeyManagerClient(this IServiceCollection services)
    {
        services.AddInternalCallSecrets();
        services.AddHttpClient<KeyManagerClient>((provider, http) =>
            {
                http.BaseAddress = new Uri($"http://{ResourceNames.KeyManager}");
                http.Timeout = TimeSpan.FromSeconds(5);
                http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", provider.GetRequiredService<IOptions<InternalCallOptions>>().Value.Secrets[0]);
            })
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                // A redirect would carry our secret to wherever it points.
                AllowAutoRedirect = false,
                UseCookies = false,
                UseProxy = false,
                ConnectTimeout = TimeSpan.FromSeconds(2),
                // Connections live long, but not for ever: replicas come and go behind one name.
                PooledConnectionLifetime = TimeSpan.FromMinutes(2),
                PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            })
            // The handler above renews its connections itself; whoever holds the client may keep it.
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan);
        return services;
    }
}
