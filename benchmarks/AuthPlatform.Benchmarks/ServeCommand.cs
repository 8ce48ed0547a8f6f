using System.CommandLine;

namespace AuthPlatform.Benchmarks;

/// <summary>The platform as the benchmarks run it, for load generators and profilers.</summary>
internal static class ServeCommand
{
    public static Command Command()
    {
        var cores = new Option<string?>("--cores") { Description = "The cores it may use, as taskset takes them: 0, 0,1, 2-7" };
        var environment = new Option<string[]>("--environment") { Description = "NAME=VALUE for the services, or SERVICE:NAME=VALUE for one, such as gateway:DOTNET_PerfMapEnabled=1", AllowMultipleArgumentsPerToken = true };
        var command = new Command("serve", "The platform as the others measure it, until Ctrl+C: with production's settings, throw-away stores, no dashboard, and of the gateway's limits only those of failed signatures and of open connections") { cores, environment };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            if (arguments.GetValue(cores) is { } wanted && !Cores.MoveTo(wanted))
            {
                await Console.Error.WriteLineAsync($"taskset cannot keep it on the cores {wanted}.");
                return 1;
            }

            var settings = (arguments.GetValue(environment) ?? []).Select(text => text.Split('=', 2)).ToDictionary(parts => parts[0], parts => parts.ElementAtOrDefault(1) ?? "");
            await using var platform = await Platform.StartAsync(settings, cancellationToken);
            foreach (var (name, id) in await platform.ProcessesAsync(cancellationToken))
            {
                Console.WriteLine($"{name}={id}");
            }

            Console.WriteLine(await platform.AuthDatabaseAsync(cancellationToken));
            Console.WriteLine($"token-api at {platform.TokenApi}, gateway at {platform.Gateway}; application {Platform.ClientId} with secret {platform.ClientSecret}");
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return 0;
        });
        return command;
    }
}
