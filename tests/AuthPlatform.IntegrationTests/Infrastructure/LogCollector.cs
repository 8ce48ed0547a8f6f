using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace AuthPlatform.IntegrationTests.Infrastructure;

/// <summary>Keeps every line that the host and the services log.</summary>
public sealed class LogCollector : ILoggerProvider
{
    private static readonly string[] ErrorMarks = ["fail: ", "crit: ", "Unhandled exception"];

    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>Whether a service has logged the line as an error, or died of one.</summary>
    public static bool IsError(string line) => ErrorMarks.Any(mark => line.Contains(mark, StringComparison.Ordinal));

    public ILogger CreateLogger(string categoryName) => new Collector(_lines, categoryName);

    public void Dispose()
    {
    }

    private sealed class Collector(ConcurrentQueue<string> lines, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{category} {logLevel}: {formatter(state, exception)} {exception}");
    }
}
