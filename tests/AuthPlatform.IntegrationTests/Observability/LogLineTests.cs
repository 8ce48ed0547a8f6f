using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Observability;

/// <summary>Whoever has the answer to a request that failed finds what the console says of it, and since when.</summary>
public sealed partial class LogLineTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answer_OfAServiceWithoutItsDatabase_IsFoundInItsLogByItsTrace()
    {
        var environment = new Dictionary<string, string>
        {
            ["ConnectionStrings__keysdb"] = "Host=127.0.0.1;Port=1;Database=keysdb;Username=nobody",
            ["Encryption__Keys__0"] = FreshDatabases.EncryptionKey,
            ["InternalCalls__Secrets__0"] = FreshDatabases.InternalSecret,
        };
        var before = TimeProvider.System.GetUtcNow();
        using var keyManager = await RunningService.ListenAsync("AuthPlatform.KeyManager", environment, Cancellation);
        keyManager.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", FreshDatabases.InternalSecret);

        using var answer = await keyManager.Http.GetAsync(new Uri($"/internal/applications/{FreshDatabases.ClientId}/keys", UriKind.Relative), Cancellation);
        var trace = (await answer.ReadJsonAsync(Cancellation)).Text("trace_id");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        // The log is read by the way.
        var found = "";
        await Eventually.TrueAsync(() => Task.FromResult((found = keyManager.Log.FirstOrDefault(said => said.Contains(trace, StringComparison.Ordinal), "")).Length > 0), Cancellation);
        Assert.Contains($" warn: AuthPlatform.ServiceDefaults.Problems.ProblemMiddleware[1] trace_id={trace} A service behind this one does not answer", found, StringComparison.Ordinal);
        Assert.All(keyManager.Log, said => Assert.InRange(TimeOf(said), before.AddMilliseconds(-1), TimeProvider.System.GetUtcNow()));
        // What the service does by itself belongs to no request.
        Assert.DoesNotContain("trace_id", keyManager.Log.Single(said => said.Contains("Now listening on", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    /// <summary>In UTC, in front of whatever a line says.</summary>
    private static DateTimeOffset TimeOf(string line)
    {
        var time = Line().Match(line).Groups["time"];
        Assert.True(time.Success, line);
        return DateTimeOffset.ParseExact(time.Value, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
    }

    [GeneratedRegex(@"^(?<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (trce|dbug|info|warn|fail|crit): ")]
    private static partial Regex Line();
}
