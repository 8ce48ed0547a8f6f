using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AuthPlatform.UnitTests.ServiceDefaults;

public sealed class LibraryLogLevelsTests
{
    [Theory]
    [InlineData("Npgsql.Command", LogLevel.Warning)]
    [InlineData("Microsoft.Extensions.Diagnostics.HealthChecks.DefaultHealthCheckService", LogLevel.None)]
    [InlineData("Microsoft.EntityFrameworkCore.Database.Command", LogLevel.None)]
    [InlineData("StackExchange.Redis.ConnectionMultiplexer", LogLevel.None)]
    public async Task Library_OfWhichTheSettingsSayNothing_IsQuiet(string category, LogLevel least)
    {
        await using var service = Build("Default", "Information");

        AssertLogsFrom(least, service, category);
    }

    [Theory]
    [InlineData("Npgsql", "Npgsql.Command")]
    [InlineData("StackExchange.Redis", "StackExchange.Redis.ConnectionMultiplexer")]
    public async Task Library_WithALevelInTheSettings_LogsFromThatOn(string setting, string category)
    {
        await using var service = Build(setting, "Debug");

        AssertLogsFrom(LogLevel.Debug, service, category);
    }

    private static WebApplication Build(string setting, string level)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration[$"Logging:LogLevel:{setting}"] = level;
        builder.AddServiceDefaults();
        builder.Logging.ClearProviders().AddProvider(new LogCollector());
        return builder.Build();
    }

    private static void AssertLogsFrom(LogLevel least, WebApplication service, string category)
    {
        var logger = service.Services.GetRequiredService<ILoggerFactory>().CreateLogger(category);
        Assert.All(Enum.GetValues<LogLevel>().Where(level => level != LogLevel.None), level => Assert.Equal(level >= least, logger.IsEnabled(level)));
    }
}
