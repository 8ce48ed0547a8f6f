using System.Net.Http.Headers;
using System.Text.Json;
using AuthPlatform.Contracts;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace AuthPlatform.TokenApi.Keys;

/// <summary>
/// Hears of changes of keys: at once by a message of Redis, and in any case by asking the Key Manager twice a second. While neither answers, nothing is known: the keys
/// that are known stay in use.
/// </summary>
internal sealed partial class KeyFollower(IHttpClientFactory clients, IConnectionMultiplexer redis, KeyNews news, TimeProvider clock, ILogger<KeyFollower> logger) : BackgroundService
{
    private const string ClientName = "news of keys";
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);
    private static readonly RedisChannel Channel = RedisChannel.Literal(KeysChanged.Channel);

    private bool _isSubscribed;
    private bool _isAnswered = true;

    /// <summary>A client without retries and their log lines: the next question comes anyway.</summary>
    public static void AddTo(IServiceCollection services)
    {
        services.AddSingleton<KeyNews>();
        services.AddHostedService<KeyFollower>();
        services.AddHttpClient(ClientName, (provider, http) =>
        {
            http.BaseAddress = new Uri($"http://{ResourceNames.KeyManager}");
            http.Timeout = TimeSpan.FromSeconds(1);
            http.DefaultRequestHeaders.Authorization = InternalSecret(provider);
        });
    }

    /// <summary>By which the Key Manager knows this service.</summary>
    public static AuthenticationHeaderValue InternalSecret(IServiceProvider services) =>
        new("Bearer", services.GetRequiredService<IOptions<InternalCallOptions>>().Value.Secrets[0]);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        do
        {
            await SubscribeAsync();
            await AskAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Once; the client renews it after each loss of the connection.</summary>
    private async Task SubscribeAsync()
    {
        if (_isSubscribed)
        {
            return;
        }

        try
        {
            await redis.GetSubscriber().SubscribeAsync(Channel, (_, message) => OnMessage(message)).WaitAsync(Period, clock);
            _isSubscribed = true;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            // Redis is away, which others log; the Key Manager is asked.
        }
    }

    private void OnMessage(RedisValue message)
    {
        if (KeysChanged.Parse(message) is { } change)
        {
            news.Take(change);
        }
    }

    private async Task AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var keyManager = clients.CreateClient(ClientName);
            await using var answer = await keyManager.GetStreamAsync(KeyManagerContract.ChangesAddress, cancellationToken);
            news.Take((await JsonSerializer.DeserializeAsync(answer, KeyContractsJson.Default.KeysVersion, cancellationToken))!);
            _isAnswered = true;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or JsonException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            if (_isAnswered)
            {
                Log.NotAnswered(logger, exception.Message);
            }

            _isAnswered = false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The Key Manager does not say whether keys have changed: {Reason}. Those that are known stay in use")]
        public static partial void NotAnswered(ILogger logger, string reason);
    }
}
