using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace AuthPlatform.IntegrationTests.Infrastructure;

/// <summary>Keeps every line that the host and the services log.</summary>
public sealed partial class LogCollector : ILoggerProvider
{
    private static readonly string[] ErrorMarks = ["fail: ", "crit: ", "Unhandled exception"];

    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>Whether a service has logged the line as an error, in whatever colour, or died of one.</summary>
    public static bool IsError(string line)
    {
        var plain = Colour().Replace(line, "");
        return ErrorMarks.Any(mark => plain.Contains(mark, StringComparison.Ordinal));
    }

    public ILogger CreateLogger(string categoryName) => new Collector(_lines, categoryName);

    public void Dispose()
    {
    }

    [GeneratedRegex(@"\x1b\[[0-9;]*m")]
    private static partial Regex Colour();

    private sealed class Collector(ConcurrentQueue<string> lines, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{category} {logLevel}: {formatter(state, exception)} {exception}");
    }
}
