using System.Diagnostics;
using System.Globalization;
using AuthPlatform.ServiceDefaults;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace AuthPlatform.UnitTests.ServiceDefaults;

public sealed class LogLineFormatterTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 27, 21, 20, 33, 123, TimeSpan.Zero));

    [Fact]
    public void Line_OfARequest_SaysWhenAndInWhichTrace()
    {
        using var request = new Activity("request").Start();

        Assert.Equal($"2026-11-27T21:20:33.123Z warn: Category[7] trace_id={request.TraceId.ToHexString()} It is away\n", Write("It is away"));
    }

    [Theory]
    [InlineData(LogLevel.Debug, "dbug")]
    [InlineData(LogLevel.Information, "info")]
    [InlineData(LogLevel.Error, "fail")]
    [InlineData(LogLevel.Critical, "crit")]
    public void Line_OfNoRequest_NamesNoTrace(LogLevel level, string name)
    {
        Activity.Current = null;

        Assert.Equal($"2026-11-27T21:20:33.123Z {name}: Category[7] It starts\n", Write("It starts", level));
    }

    /// <summary>The text of a message, and that of an exception, which has lines of its own.</summary>
    [Fact]
    public void Text_WithControlCharacters_BeginsNoLineAndSpeaksToNoTerminal()
    {
        const string Hostile = "a\r\nfail: forged\u001b[31m\u0085\u2028\u2029b";

        var line = Write(Hostile, exception: new InvalidOperationException(Hostile, new FormatException(Hostile)));

        Assert.Equal(3, line.Split("a  fail: forged [31m   b").Length - 1);
        Assert.DoesNotContain(line.TrimEnd('\n'), character => char.IsControl(character) || character is '\u2028' or '\u2029');
        Assert.EndsWith("\n", line, StringComparison.Ordinal);
    }

    private string Write(string message, LogLevel level = LogLevel.Warning, Exception? exception = null)
    {
        using var line = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        new LogLineFormatter(_clock).Write(new LogEntry<string>(level, "Category", 7, message, exception, (text, _) => text), scopeProvider: null, line);
        return line.ToString();
    }
}
