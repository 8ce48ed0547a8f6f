using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard;
using Aspire.Hosting.Dashboard.Wire;
using Aspire.Hosting.Running;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace AuthPlatform.UnitTests.Hosting;

/// <summary>What the dashboard is told of the secrets that the host gives to services, and who is told anything.</summary>
public sealed class ResourceServiceTests : IAsyncLifetime
{
    private const string Key = "key-of-the-dashboard";

    private static readonly Method<WatchResourcesRequest, WatchResourcesUpdate> Watch = new(
        MethodType.ServerStreaming,
        "aspire.v1.DashboardService",
        "WatchResources",
        Marshallers.Create<WatchResourcesRequest>(request => request.ToByteArray(), bytes => WatchResourcesRequest.Parser.ParseFrom(bytes)),
        Marshallers.Create<WatchResourcesUpdate>(update => update.ToByteArray(), bytes => WatchResourcesUpdate.Parser.ParseFrom(bytes)));

    private readonly DashboardEndpoints _endpoints = new("", "", "", "", "", $"http://localhost:{FreePorts.Next()}", Key);
    private DistributedApplication? _host;
    private WebApplication? _server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = [], DisableDashboard = true });
        builder.Configuration["Parameters:database-password"] = "hidden";
        builder.Configuration["Parameters:user"] = "shown";
        builder.AddParameter("database-password", secret: true);
        builder.AddParameter("user");
        _host = builder.Build();
        await _host.Services.GetRequiredService<Orchestrator>().StartAsync(Cancellation);
        _server = await ResourceServiceHost.StartAsync(
            _endpoints,
            new ResourceService("test", default, _host.ResourceNotifications, _host.Services.GetRequiredService<ResourceLoggerService>(), _host.ResourceCommands),
            Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        if (_host is not null)
        {
            await _host.DisposeAsync();
        }
    }

    [Fact]
    public async Task Parameter_ThatIsSecret_IsToldAsSensitive()
    {
        var told = await ReadParametersAsync(Key);

        Assert.Equal(("hidden", true), told["database-password"]);
        Assert.Equal(("shown", false), told["user"]);
    }

    [Fact]
    public async Task Resources_AskedForWithoutTheKey_AreNotTold()
    {
        foreach (var key in (string?[])[null, "", "another-key", Key + "2"])
        {
            var refusal = await Assert.ThrowsAsync<RpcException>(() => ReadParametersAsync(key));
            Assert.Equal(StatusCode.Unauthenticated, refusal.StatusCode);
        }
    }

    /// <summary>The values of both parameters, and whether each is to be masked.</summary>
    private async Task<Dictionary<string, (string Value, bool IsSensitive)>> ReadParametersAsync(string? key)
    {
        var told = new Dictionary<string, (string Value, bool IsSensitive)>();
        using var channel = GrpcChannel.ForAddress(_endpoints.ResourceServiceUrl);
        var headers = new Metadata();
        if (key is not null)
        {
            headers.Add("x-resource-service-api-key", key);
        }

        using var call = channel.CreateCallInvoker().AsyncServerStreamingCall(Watch, null, new CallOptions(headers, cancellationToken: Cancellation), new WatchResourcesRequest());
        while (told.Count < 2 && await call.ResponseStream.MoveNext(Cancellation))
        {
            foreach (var change in call.ResponseStream.Current.Changes?.Value ?? [])
            {
                if (change.Upsert.Properties.FirstOrDefault(p => p.Name == "Value") is { } property)
                {
                    told[change.Upsert.Name] = (property.Value.StringValue, property.IsSensitive);
                }
            }
        }

        return told;
    }
}
