using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;
using AuthPlatform.MigrationWorker;
using AuthPlatform.ServiceDefaults;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace AuthPlatform.IntegrationTests;

/// <summary>
/// The Migration Worker in this process, made by its own registrations: starting the program takes longer than most of its runs. That the program works is for every platform that
/// starts, and for <see cref="StartRaceTests"/>.
/// </summary>
internal static class MigrationWorkerParts
{
    /// <summary>Runs it once; what it says is one text.</summary>
    public static async Task<(int ExitCode, string Log)> RunAsync(IReadOnlyDictionary<string, string> settings, CancellationToken cancellationToken)
    {
        using var logs = new LogCollector();
        using var host = Build(settings, TimeProvider.System, logs);
        await using var end = cancellationToken.Register(host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication);
        var exitCode = await MigrationRunner.RunToExitCodeAsync(host);
        return (exitCode, string.Join('\n', logs.Lines));
    }

    /// <summary>One that is yet to be run.</summary>
    public static IHost Build(IReadOnlyDictionary<string, string> settings, TimeProvider clock, LogCollector logs)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key.Replace("__", ":", StringComparison.Ordinal), (string?)setting.Value)));
        foreach (var database in (string[])[ResourceNames.AuthDatabase, ResourceNames.KeysDatabase])
        {
            // Kept for a moment only: the program would be gone with them, and services that tests start need connections too.
            builder.Configuration[$"ConnectionStrings:{database}"] =
                new NpgsqlConnectionStringBuilder(settings[$"ConnectionStrings__{database}"]) { ConnectionIdleLifetime = 10 }.ConnectionString;
        }

        // That would be for the threads of the tests.
        builder.Configuration["Scheduling:Batch"] = "false";
        builder.AddServiceDefaults();
        builder.AddMigrationWorker();
        builder.Logging.ClearProviders().AddProvider(logs);
        builder.Services.AddSingleton(clock);
        return builder.Build();
    }
}
