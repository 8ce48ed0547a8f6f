using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace AuthPlatform.ServiceDefaults;

/// <summary>
/// Writes each event as one line to the console: <c>2026-11-27T21:20:33.123Z warn: Category[1] trace_id=4bf92f35… message</c>. The time is UTC, the trace is that of the request, which
/// problem answers name too; what belongs to no request has none. Whatever others have written, nothing in it begins a line or speaks to a terminal.
/// </summary>
internal sealed class LogLineFormatter(TimeProvider clock) : ConsoleFormatter(FormatterName)
{
    private const string FormatterName = "line";

    public static void AddTo(ILoggingBuilder logging)
    {
        // Not by AddConsoleFormatter: it reads options by reflection, and there are none.
        logging.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ConsoleFormatter, LogLineFormatter>());
        logging.AddConsole(console => console.FormatterName = FormatterName);
    }

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        textWriter.Write(string.Create(
            CultureInfo.InvariantCulture, $"{clock.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {Abbreviation(logEntry.LogLevel)}: {logEntry.Category}[{logEntry.EventId.Id}]"));
        if (Activity.Current is { } activity)
        {
            // In front of the text, which may be a long stack trace, and hold anything.
            textWriter.Write($" trace_id={activity.TraceId.ToHexString()}");
        }

        WriteText(textWriter, logEntry.Formatter(logEntry.State, logEntry.Exception));
        if (logEntry.Exception is { } exception)
        {
            WriteText(textWriter, exception.ToString());
        }

        textWriter.WriteLine();
    }

    private static void WriteText(TextWriter textWriter, string text)
    {
        textWriter.Write(' ');
        foreach (var character in text)
        {
            textWriter.Write(char.GetUnicodeCategory(character) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator ? ' ' : character);
        }
    }

    /// <summary>As other formatters of .NET call them.</summary>
    private static string Abbreviation(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        _ => "crit",
    };
}
