using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Aspire.Hosting.Running;

/// <summary>The host's console: what the host says stands alone, what a resource writes stands behind the resource's name.</summary>
internal sealed class HostConsoleFormatter() : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "apphost";

    private const string ResourceCategory = ".Resources.";
    private const int NameWidth = 12;

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        var resource = logEntry.Category.IndexOf(ResourceCategory, StringComparison.Ordinal);
        var prefix = resource >= 0 ? $"{logEntry.Category[(resource + ResourceCategory.Length)..],-NameWidth} | "
            : logEntry.LogLevel >= LogLevel.Warning ? $"{logEntry.LogLevel.ToString().ToLower(CultureInfo.InvariantCulture)}: "
            : "";
        foreach (var line in message.Split('\n'))
        {
            textWriter.Write(prefix);
            textWriter.WriteLine(line.TrimEnd('\r'));
        }

        if (logEntry.Exception is { } exception)
        {
            textWriter.WriteLine(exception.ToString());
        }
    }
}

internal sealed class HostConsoleFormatterOptions : ConsoleFormatterOptions;
