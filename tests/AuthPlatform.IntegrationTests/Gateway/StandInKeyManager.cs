using System.Text.RegularExpressions;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace AuthPlatform.IntegrationTests.Gateway;

/// <summary>A gateway whose Key Manager answers what the test wants that is running, and when.</summary>
public sealed partial class StandInKeyManager(AuthPlatformFixture platform) : IAsyncLifetime
{
    private readonly HttpClient _metrics = new();
    private volatile RequestDelegate _answer = _ => Task.CompletedTask;
    private StandInReplica? _keyManager;
    private RunningService? _gateway;

    public HttpClient Gateway => _gateway!.Http;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _keyManager = await StandInReplica.StartAsync(context => _answer(context), Cancellation);
        _gateway = await GatewayProcess.StartAsync(
            platform,
            new()
            {
                ["services__key-manager__http__0"] = _keyManager.Address,
                // What one test has it break off is not held against it in the next.
                ["ReverseProxy__Clusters__key-manager__HealthCheck__Passive__Enabled"] = "false",
                ["Metrics__Port"] = "0",
            },
            Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        _metrics.Dispose();
        _gateway?.Dispose();
        if (_keyManager is not null)
        {
            await _keyManager.DisposeAsync();
        }
    }

    /// <summary>Answers so from now on. Nothing of another test is under way any more when this returns.</summary>
    public async Task AnswerByAsync(RequestDelegate answer)
    {
        await UntilUnderWayAsync(0);
        _answer = answer;
    }

    /// <summary>Until so many requests are under way in the gateway, or so many.</summary>
    public Task UntilUnderWayAsync(params int[] requests) => Eventually.TrueAsync(
        async () =>
        {
            var scraped = await _metrics.GetStringAsync(_gateway!.Metrics, Cancellation);
            return requests.Contains(ActiveRequests().Matches(scraped).Sum(match => int.Parse(match.Groups[1].ValueSpan, null)));
        },
        Cancellation);

    [GeneratedRegex(@"^http_server_active_requests\{[^}]*\} (\d+)", RegexOptions.Multiline)]
    private static partial Regex ActiveRequests();
}
