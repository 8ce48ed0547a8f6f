using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>
/// A few key pairs made in advance, by one thread that never does anything else: looking for primes takes a processor for a tenth of a second on average and ten
/// times that with bad luck, which no request should wait for and no thread of the pool should spend.
/// </summary>
internal sealed partial class ReadyKeys(IOptions<KeyOptions> options, KeyMetrics metrics, TimeProvider clock, ILogger<ReadyKeys> logger) : IHostedService, IDisposable
{
    /// <summary>The first requests after a start are slow enough; nobody needs a new key then.</summary>
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(5);

    private readonly BlockingCollection<RSA> _ready = new(Math.Max(1, options.Value.ReadyKeys));
    private readonly CancellationTokenSource _stopping = new();
    private Thread? _maker;
    private bool _disposed;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.ReadyKeys > 0)
        {
            // The priority counts on Windows only; elsewhere it is one thread of many.
            _maker = new Thread(Make) { IsBackground = true, Name = "Ready keys", Priority = ThreadPriority.BelowNormal };
            _maker.Start();
        }

        metrics.ObserveReadyKeys(() => _ready.Count);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => _stopping.CancelAsync();

    /// <summary>A key pair of a size, ready or made now; the caller disposes of it.</summary>
    public async ValueTask<RSA> TakeAsync(int keySize) =>
        keySize == options.Value.KeySize && _ready.TryTake(out var ready) ? ready : await Task.Run(() => Generate(keySize));

    public void Dispose()
    {
        // Twice, by the container: as itself and as a hosted service.
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _stopping.Cancel();
        // It ends after the key it is making; a process that ends does not wait for that.
        if (_maker?.Join(TimeSpan.FromSeconds(2)) != false)
        {
            while (_ready.TryTake(out var unused))
            {
                unused.Dispose();
            }

            _ready.Dispose();
            _stopping.Dispose();
        }
    }

    private static RSA Generate(int keySize)
    {
        var pair = RSA.Create(keySize);
        // The pair is generated when it is first used, which would be in somebody's request.
        pair.ExportParameters(includePrivateParameters: false);
        return pair;
    }

    private void Make()
    {
        try
        {
            Task.Delay(Calm, clock, _stopping.Token).GetAwaiter().GetResult();
            while (!_stopping.IsCancellationRequested)
            {
                _ready.Add(Generate(options.Value.KeySize), _stopping.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the service.
        }
        catch (CryptographicException exception)
        {
            Log.Failed(logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "No more keys are made in advance; they are made when they are needed")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
