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
    /// <param name="selfTest">Comes first; refuses by an <see cref="OptionsValidationException"/>. As a hosted service it would have its stack trace logged by the host.</param>
    public static async Task<int> RunToExitCodeAsync(this WebApplication app, Func<Task> selfTest)
    {
        // Disposed of here, not by RunAsync: the refusal is logged before that, and the console writes all of it out.
        await using (app)
        {
            try
            {
                // Before the host does it: that would log a stack trace.
                app.Services.GetService<IStartupValidator>()?.Validate();
                await selfTest();
                await app.StartAsync();
                await app.WaitForShutdownAsync();
                return 0;
            }
            catch (Exception exception) when (Refusals(exception) is { Count: > 0 } refusals)
            {
                Log.Refused(app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("AuthPlatform"), string.Join(' ', refusals));
                return 1;
            }
        }
    }

    private static List<string> Refusals(Exception exception) => exception switch
    {
        OptionsValidationException refusal => [.. refusal.Failures],
        AggregateException several when several.InnerExceptions.All(e => e is OptionsValidationException) => [.. several.InnerExceptions.SelectMany(Refusals)],
        _ => [],
    };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Critical, "This service does not start: {Reasons}")]
        public static partial void Refused(ILogger logger, string reasons);
    }
}
