using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AuthPlatform.ServiceDefaults;

/// <summary>How a service runs until it is told to stop.</summary>
public static partial class ServiceRun
{
    /// <summary>Runs; 0 at the end, 1 when the configuration is refused, with all reasons in one line of the log instead of a stack trace.</summary>
    /// <param name="app">The service.</param>
    /// <param name="selfTest">Comes when the settings are accepted; refuses by an <see cref="OptionsValidationException"/>. As a hosted service it would have its stack trace logged by the host.</param>
    public static async Task<int> RunToExitCodeAsync(this WebApplication app, Func<Task> selfTest)
    {
        // Disposed of here, not by RunAsync: the refusal is logged before that, and the console writes all of it out.
        await using (app)
        {
            var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("AuthPlatform");
            try
            {
                // Before the host does it: that would log a stack trace.
                app.Services.GetService<IStartupValidator>()?.Validate();
                await selfTest();
                Log.Starts(logger, app.Environment.ApplicationName, ServiceVersion.Current);
                await app.StartAsync();
                await app.WaitForShutdownAsync();
                return 0;
            }
            catch (Exception exception) when (Refusals(exception) is { Count: > 0 } refusals)
            {
                Log.Refused(logger, string.Join(' ', refusals));
                return 1;
            }
        }
    }

    /// <summary>What is wrong with the settings, in sentences; none when it is something else that failed.</summary>
    public static IReadOnlyList<string> Refusals(Exception exception) => exception switch
    {
        OptionsValidationException refusal => [.. refusal.Failures.Distinct()],
        AggregateException several when several.InnerExceptions.All(e => e is OptionsValidationException) => [.. several.InnerExceptions.SelectMany(Refusals)],
        // One that is no number, say: the binder throws before anything is validated.
        InvalidOperationException { InnerException: FormatException or OverflowException } => [exception.Message],
        _ => [],
    };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Critical, "This service does not start: {Reasons}")]
        public static partial void Refused(ILogger logger, string reasons);

        [LoggerMessage(2, LogLevel.Information, "This is {Service} {Version}")]
        public static partial void Starts(ILogger logger, string service, string version);
    }
}
