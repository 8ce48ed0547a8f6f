using System.Buffers.Text;
using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AuthPlatform.LoadGenerator;

namespace AuthPlatform.Benchmarks;

/// <summary>
/// Whether whoever invents names of applications or keys makes the public keys slower for others. On two cores any load does that, so each storm stands beside as many
/// ordinary requests of its kind.
/// </summary>
internal static class JwksStormBenchmark
{
    private const int Lanes = 8;
    private const int Rounds = 3;

    public static Command Command()
    {
        var seconds = new Option<int>("--seconds") { Description = "How long each is measured, in each of three rounds", DefaultValueFactory = _ => 6 };
        var rate = new Option<int>("--rate") { Description = "Requests of a storm per second", DefaultValueFactory = _ => 200 };
        var command = new Command("jwks-storm", "The JWKS of an application while others ask for random applications, or present tokens of random keys") { seconds, rate };
        command.SetAction((arguments, cancellationToken) => RunAsync(TimeSpan.FromSeconds(arguments.GetValue(seconds)), arguments.GetValue(rate), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(TimeSpan duration, int rate, CancellationToken cancellationToken)
    {
        await using var platform = await Platform.StartAsync(cancellationToken);
        using var client = platform.Client(platform.Gateway);
        var jwks = $"/auth/{client.ClientId}/jwks";
        var token = (await client.PostAsync("/auth/token", "\"unique_key\":\"storm\"", cancellationToken)).Text("access_token"u8);
        var unsigned = token[token.IndexOf('.', StringComparison.Ordinal)..];
        (string Name, int Status, Func<Task<Answer>>? Send)[] kinds =
        [
            ("nothing", 200, null),
            ("its JWKS", 200, () => client.GetAsync(jwks, null, CancellationToken.None)),
            ("JWKS of random applications", 404, () => client.GetAsync($"/auth/{Random()}/jwks", null, CancellationToken.None)),
            ("verifying", 200, () => client.PostAsync("/auth/verify", $"\"token\":\"{token}\"", CancellationToken.None)),
            ("verifying tokens of random keys", 401, () => client.PostAsync("/auth/verify", $"\"token\":\"{Header()}{unsigned}\"", CancellationToken.None)),
        ];
        var measured = kinds.ToDictionary(kind => kind.Name, _ => new List<Repetition>());
        // The first round only warms up.
        for (var round = 0; round <= Rounds; round++)
        {
            foreach (var (name, status, send) in kinds)
            {
                var load = await MeasureAsync(client, jwks, name, status, send, round == 0 ? TimeSpan.FromSeconds(2) : duration, rate, cancellationToken);
                if (round > 0)
                {
                    measured[name].Add(new Repetition(load, []));
                }
            }
        }

        var all = measured.ToDictionary(kind => kind.Key, kind => new ScenarioResult(kind.Key, 1, kind.Value));
        foreach (var (name, result) in all)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"beside {name}: p50 {result.P50.Median:0.0} ms, p99 {result.P99.Median:0.0} ms, {result.Errors} errors; {Ratio(result, all["nothing"])} of beside nothing"));
        }

        Console.WriteLine($"random applications against its JWKS: {Ratio(all[kinds[2].Name], all[kinds[1].Name])}");
        Console.WriteLine($"random keys against verifying: {Ratio(all[kinds[4].Name], all[kinds[3].Name])}");
        return all.Values.All(result => result.Errors == 0) ? 0 : 1;
    }

    private static async Task<LoadResult> MeasureAsync(
        SigningClient client, string jwks, string name, int status, Func<Task<Answer>>? send, TimeSpan duration, int rate, CancellationToken cancellationToken)
    {
        var storm = send is null ? Task.CompletedTask : new Load(name, (_, _) => CheckAsync(send, status), Lanes, TimeProvider.System).RunAsync(duration, rate, null, cancellationToken);
        var load = await new Load("its JWKS", (_, cancel) => client.GetAsync(jwks, null, cancel), 1, TimeProvider.System).RunAsync(duration, 0, null, cancellationToken);
        await storm;
        return load;
    }

    private static async Task<Answer> CheckAsync(Func<Task<Answer>> send, int status)
    {
        var answer = await send();
        return answer.Status == status ? answer : throw new InvalidOperationException($"Answered {answer.Status} instead of {status}");
    }

    private static string Ratio(ScenarioResult one, ScenarioResult other) =>
        string.Create(CultureInfo.InvariantCulture, $"p50 {one.P50.Median / other.P50.Median:0.00}, p99 {one.P99.Median / other.P99.Median:0.00}");

    private static string Header() => Base64Url.EncodeToString(Encoding.ASCII.GetBytes($$"""{"alg":"RS256","kid":"20260101-{{Random()}}","typ":"at+jwt"}"""));

    private static string Random() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));
}
