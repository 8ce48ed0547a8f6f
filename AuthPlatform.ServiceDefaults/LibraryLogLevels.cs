using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AuthPlatform.ServiceDefaults;

/// <summary>From which level on some libraries log, unless <c>Logging:LogLevel</c> says it of the same categories.</summary>
internal static class LibraryLogLevels
{
    /// <summary>Before all else: of two rules for one category the later one counts, and those of the settings are there already.</summary>
    public static void AddTo(IServiceCollection services) =>
        services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<LoggerFilterOptions>>(new ConfigureOptions<LoggerFilterOptions>(filters => filters
            // Npgsql would log every statement; traces show them where they belong.
            .AddFilter("Npgsql", LogLevel.Warning)
            // A failing check is told by the answer of /health/ready; as an error in the log every few seconds it would bury the cause.
            .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None)
            // A store that is away is told by whoever asked it, once and in one line, and counted; these would add an error and a stack trace to each try.
            .AddFilter("Microsoft.EntityFrameworkCore", LogLevel.None)
            .AddFilter("StackExchange.Redis", LogLevel.None))));
}
