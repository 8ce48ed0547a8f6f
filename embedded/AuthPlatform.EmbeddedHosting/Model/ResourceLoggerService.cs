using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Keeps the last lines each resource instance wrote, hands them to whoever watches, and passes them on to the host's own log.</summary>
public class ResourceLoggerService
{
    private readonly ConcurrentDictionary<string, LogStream> _streams = new();
    private readonly Func<string, LogStream> _create;

    internal ResourceLoggerService(ILoggerFactory loggerFactory, IHostEnvironment environment, TimeProvider timeProvider) =>
        _create = id => new LogStream(loggerFactory.CreateLogger($"{environment.ApplicationName}.Resources.{id}"), timeProvider);

    /// <summary>Yields what is remembered of the instance's output, then every further batch of lines.</summary>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(string resourceName) => Stream(resourceName).WatchAsync();

    /// <summary>Yields what is remembered of the instance's output.</summary>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(string resourceName) => new[] { Stream(resourceName).Backlog() }.ToAsyncEnumerable();

    /// <summary>Takes one line of a resource's output.</summary>
    internal void Write(string resourceId, string line, bool isError) => Stream(resourceId).Write(line, isError);

    /// <summary>Names the log category after the resource rather than after its random instance id.</summary>
    internal void Register(string resourceId, string displayName) => _streams[resourceId] = _create(displayName);

    private LogStream Stream(string resourceId) => _streams.GetOrAdd(resourceId, _create);

    private sealed class LogStream(ILogger forward, TimeProvider timeProvider)
    {
        private const int Capacity = 10_000;
        private readonly Lock _lock = new();
        private readonly Queue<LogLine> _backlog = new();
        private readonly List<ChannelWriter<LogLine>> _watchers = [];
        private int _lineNumber;

        public void Write(string content, bool isError)
        {
            forward.Log(isError ? LogLevel.Error : LogLevel.Information, default, content, null, static (line, _) => line);
            var timestamp = timeProvider.GetUtcNow().UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
            lock (_lock)
            {
                var line = new LogLine(++_lineNumber, $"{timestamp} {content}", isError);
                if (_backlog.Count == Capacity)
                {
                    _backlog.Dequeue();
                }

                _backlog.Enqueue(line);
                _watchers.ForEach(watcher => watcher.TryWrite(line));
            }
        }

        public IReadOnlyList<LogLine> Backlog()
        {
            lock (_lock)
            {
                return [.. _backlog];
            }
        }

        public async IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            // Bounded, so that a watcher that stopped reading cannot fill the memory.
            var channel = Channel.CreateBounded<LogLine>(new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest });
            lock (_lock)
            {
                foreach (var line in _backlog)
                {
                    channel.Writer.TryWrite(line);
                }

                _watchers.Add(channel.Writer);
            }

            try
            {
                while (await channel.Reader.WaitToReadAsync(cancellationToken))
                {
                    var batch = new List<LogLine>();
                    while (channel.Reader.TryRead(out var line))
                    {
                        batch.Add(line);
                    }

                    yield return batch;
                }
            }
            finally
            {
                lock (_lock)
                {
                    _watchers.Remove(channel.Writer);
                }
            }
        }
    }
}

public readonly record struct LogLine(int LineNumber, string Content, bool IsErrorMessage);
