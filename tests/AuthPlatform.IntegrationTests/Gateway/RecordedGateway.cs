using System.Collections.Concurrent;
using AuthPlatform.IntegrationTests.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace AuthPlatform.IntegrationTests.Gateway;

/// <summary>A gateway with http and https, and behind it a service that writes down what it is asked, once all of it is there.</summary>
public sealed class RecordedGateway(AuthPlatformFixture platform) : IAsyncLifetime
{
    /// <summary>A body upon which the service ends the connection without an answer.</summary>
    public const string BreakOff = "break off";

    private StandInReplica? _replica;
    private RunningService? _gateway;

    public Uri Address => _gateway!.Http.BaseAddress!;

    public int TlsPort { get; private set; }

    public IReadOnlyCollection<string> Log => _gateway!.Log;

    internal TestCertificate Certificate { get; } = new();

    internal ConcurrentQueue<(string Target, IHeaderDictionary Headers, string Body)> Seen { get; } = new();

    public async ValueTask InitializeAsync()
    {
        var cancellation = TestContext.Current.CancellationToken;
        _replica = await StandInReplica.StartAsync(
            async context =>
            {
                using var reader = new StreamReader(context.Request.Body);
                var body = await reader.ReadToEndAsync(context.RequestAborted);
                Seen.Enqueue((context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget, new HeaderDictionary(context.Request.Headers.ToDictionary(StringComparer.OrdinalIgnoreCase)), body));
                if (body == BreakOff)
                {
                    context.Abort();
                }
            },
            cancellation);
        var settings = new Dictionary<string, string> { ["services__token-api__http__0"] = _replica.Address, ["services__token-api__http__1"] = _replica.Address };
        (_gateway, TlsPort) = await GatewayProcess.StartWithTlsAsync(platform, Certificate, settings, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        _gateway?.Dispose();
        Certificate.Dispose();
        if (_replica is not null)
        {
            await _replica.DisposeAsync();
        }
    }

    /// <summary>The classes that share it, one after the other.</summary>
    [CollectionDefinition]
    public sealed class Tests : ICollectionFixture<RecordedGateway>;
}
