using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace AuthPlatform.LoadGenerator;

/// <summary><c>run</c>: scenarios against a service that runs already.</summary>
internal static class RunCommand
{
    private const string SecretVariable = "AUTHPLATFORM_CLIENT_SECRET";

    public static Command Create()
    {
        var url = new Option<Uri>("--url") { Description = "The gateway, or a Token API", DefaultValueFactory = _ => new Uri("http://localhost:8080"), CustomParser = Address };
        var clientId = new Option<string>("--client-id") { Description = "The application that signs", Required = true };
        var secretFile = new Option<FileInfo?>("--secret-file") { Description = $"Holds its secret; without it the variable {SecretVariable} does" };
        var names = new Option<string[]>("--scenario") { Description = $"One or more of: {string.Join(", ", Scenarios.All.Select(scenario => scenario.Name))}; all when none is given", AllowMultipleArgumentsPerToken = true };
        names.AcceptOnlyFromAmong([.. Scenarios.All.Select(scenario => scenario.Name)]);
        var version = new Option<int>("--signature") { Description = "1 or 2: how requests are signed", DefaultValueFactory = _ => 2 };
        version.AcceptOnlyFromAmong("1", "2");
        var rate = new Option<double>("--rate") { Description = "Operations per second, sent at fixed times (open loop); 0: each lane sends when it has its answer", DefaultValueFactory = _ => 0 };
        var watch = new Option<string[]>("--watch") { Description = "name=pid of a process whose processor time and memory count (Linux), its children included", AllowMultipleArgumentsPerToken = true };
        watch.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => !IsWatched(token.Value)))
            {
                result.AddError($"--watch takes name=pid of a running process, not '{token.Value}'");
            }
        });

        var options = new MeasurementOptions("scenario", seconds: 10, repetitions: 3, warmUp: 3, lanes: 32);
        var command = new Command("run", "Scenarios against a service that runs already") { url, clientId, secretFile, names, version, rate, watch };
        options.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var secret = arguments.GetValue(secretFile) is { } file ? (await File.ReadAllTextAsync(file.FullName, cancellationToken)).Trim() : Environment.GetEnvironmentVariable(SecretVariable);
            if (string.IsNullOrEmpty(secret))
            {
                await Console.Error.WriteLineAsync($"Say the application's secret: --secret-file or the variable {SecretVariable}.");
                return 1;
            }

            using var client = new SigningClient(arguments.GetValue(url)!, arguments.GetValue(clientId)!, secret, arguments.GetValue(version));
            var measurement = options.Of(arguments) with { Rate = arguments.GetValue(rate), Processes = Watched(arguments.GetValue(watch) ?? []) };
            var results = new List<ScenarioResult>();
            foreach (var scenario in Chosen(arguments.GetValue(names) ?? []))
            {
                results.Add(await measurement.RunAsync(scenario, client, cancellationToken));
            }

            Console.WriteLine(Report.Table(results));
            Console.WriteLine(Report.Memory(results[^1].Repetitions[^1].Use));
            await options.WriteJsonAsync(arguments, results, cancellationToken);
            return results.All(result => result.Errors == 0) ? 0 : 1;
        });
        return command;
    }

    /// <summary>The library knows no addresses.</summary>
    private static Uri? Address(ArgumentResult argument)
    {
        if (Uri.TryCreate(argument.Tokens[0].Value, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps))
        {
            return address;
        }

        argument.AddError($"--url takes an http or https address, not '{argument.Tokens[0].Value}'");
        return null;
    }

    private static IEnumerable<Scenario> Chosen(string[] names) => names.Length == 0 ? Scenarios.All : Scenarios.All.Where(scenario => names.Contains(scenario.Name));

    private static bool IsWatched(string text) =>
        text.Split('=', 2) is [{ Length: > 0 }, var id] && int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && Directory.Exists($"/proc/{pid}");

    private static Dictionary<string, int> Watched(string[] watched) =>
        watched.Select(text => text.Split('=', 2)).ToDictionary(parts => parts[0], parts => int.Parse(parts[1], CultureInfo.InvariantCulture));
}
