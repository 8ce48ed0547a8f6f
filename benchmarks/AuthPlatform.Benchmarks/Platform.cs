using System.Globalization;
using System.Security.Cryptography;
using AuthPlatform.Contracts;
using AuthPlatform.LoadGenerator;

namespace AuthPlatform.Benchmarks;

/// <summary>The whole platform with throw-away stores, and a client application of it.</summary>
internal sealed class Platform : IAsyncDisposable
{
    /// <summary>The application that exists from the start.</summary>
    public const string ClientId = "benchmark";

    private static readonly string[] LongRunning =
        [ResourceNames.Gateway, ResourceNames.TokenApi, ResourceNames.KeyManager, ResourceNames.AdminWeb, ResourceNames.Postgres, ResourceNames.Redis];

    private static readonly string[] SecretParameters =
        ["postgres-password", "redis-password", "token-api-database-password", "admin-web-database-password", "key-manager-database-password"];

    private DistributedApplication _app = null!;

    /// <summary>What client applications sign with.</summary>
    public string ClientSecret { get; } = Secret();

    /// <summary>What encrypts at rest.</summary>
    public string EncryptionKey { get; } = Secret();

    /// <summary>By which the services know each other.</summary>
    public string InternalSecret { get; } = Secret();

    /// <summary>A Token API, without the gateway before it.</summary>
    public Uri TokenApi => AddressOf(ResourceNames.TokenApi);

    /// <summary>Where clients come in.</summary>
    public Uri Gateway => AddressOf(ResourceNames.Gateway);

    /// <summary>Starts everything, with the settings of production.</summary>
    public static Task<Platform> StartAsync(CancellationToken cancellationToken) => StartAsync(new Dictionary<string, string>(), cancellationToken);

    /// <summary>Starts everything, with the settings of production and some others.</summary>
    /// <param name="settings">More settings of the services: NAME for all, or SERVICE:NAME for one.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="arguments">More settings of the AppHost.</param>
    public static async Task<Platform> StartAsync(IReadOnlyDictionary<string, string> settings, CancellationToken cancellationToken, params string[] arguments)
    {
        var platform = new Platform();
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AuthPlatform_AppHost>(
            [
                "--Stores:Keep=false",
                $"--Parameters:bootstrap-client-id={ClientId}",
                $"--Parameters:bootstrap-client-secret={platform.ClientSecret}",
                $"--Parameters:encryption-key={platform.EncryptionKey}",
                $"--Parameters:internal-secret={platform.InternalSecret}",
                .. SecretParameters.Select(name => $"--Parameters:{name}={Secret()}"),
                .. arguments,
            ],
            cancellationToken);
        foreach (var service in builder.Resources.OfType<ProjectResource>().Select(builder.CreateResourceBuilder))
        {
            service.WithEnvironment("DOTNET_ENVIRONMENT", "Production").WithEnvironment("ASPNETCORE_ENVIRONMENT", "Production");
            foreach (var (name, value) in settings)
            {
                if (name.Split(':', 2) is not [var one, var variable])
                {
                    service.WithEnvironment(name, value);
                }
                else if (one == service.Resource.Name)
                {
                    service.WithEnvironment(variable, value);
                }
            }
        }

        // One address and one application stand for all that there are.
        var gateway = builder.CreateResourceBuilder((ProjectResource)builder.Resources.Single(r => r.Name == ResourceNames.Gateway));
        foreach (var limit in new[] { "Address", "Application", "PublicKeys" })
        {
            gateway.WithEnvironment($"Limits__{limit}__PerSecond", "0");
        }

        platform._app = await builder.BuildAsync(cancellationToken);
        await platform._app.StartAsync(cancellationToken);
        await platform._app.ResourceNotifications.WaitForResourceHealthyAsync(ResourceNames.Gateway, cancellationToken);
        await platform._app.ResourceNotifications.WaitForResourceHealthyAsync(ResourceNames.AdminWeb, cancellationToken);
        return platform;
    }

    public async Task<string> AuthDatabaseAsync(CancellationToken cancellationToken) => (await _app.GetConnectionStringAsync(ResourceNames.AuthDatabase, cancellationToken))!;

    public async Task<string> KeysDatabaseAsync(CancellationToken cancellationToken) => (await _app.GetConnectionStringAsync(ResourceNames.KeysDatabase, cancellationToken))!;

    public async Task<string> RedisAsync(CancellationToken cancellationToken) => (await _app.GetConnectionStringAsync(ResourceNames.Redis, cancellationToken))!;

    /// <summary>Where a service listens.</summary>
    public Uri AddressOf(string service) => _app.GetEndpoint(service, "http");

    /// <summary>A client application, for load on an address: the one that exists from the start, unless another one is named.</summary>
    public SigningClient Client(Uri address, string clientId = ClientId) => new(address, clientId, ClientSecret, version: 2);

    /// <summary>Starts or stops a service.</summary>
    /// <param name="service">Its name.</param>
    /// <param name="command">One of <see cref="KnownResourceCommands"/>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task CommandAsync(string service, string command, CancellationToken cancellationToken)
    {
        var result = await _app.ResourceCommands.ExecuteCommandAsync(service, command, cancellationToken);
        if (!result.Success)
        {
            throw new InvalidOperationException($"{command} of {service} failed: {result.Message}");
        }
    }

    /// <summary>The process ids of our services, without the stores, by name.</summary>
    public async Task<IReadOnlyDictionary<string, int>> ServicesAsync(CancellationToken cancellationToken) =>
        (await ProcessesAsync(cancellationToken)).Where(process => process.Key is not (ResourceNames.Postgres or ResourceNames.Redis)).ToDictionary();

    /// <summary>The process ids of everything that runs, the stores included, by resource name.</summary>
    public async Task<IReadOnlyDictionary<string, int>> ProcessesAsync(CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, int>();
        await foreach (var change in _app.ResourceNotifications.WatchAsync(cancellationToken))
        {
            if (LongRunning.Contains(change.Resource.Name) && change.Snapshot.Properties.Any(property => property.Name == "container.image"))
            {
                throw new NotSupportedException($"{change.Resource.Name} runs in a container, and this reads processes: build without AuthPlatformHosting=Aspire.");
            }

            if (LongRunning.Contains(change.Resource.Name)
                && change.Snapshot.State?.Text == KnownResourceStates.Running
                && change.Snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value is { } id)
            {
                found[change.Resource.Name] = Convert.ToInt32(id, CultureInfo.InvariantCulture);
                if (found.Count == LongRunning.Length)
                {
                    break;
                }
            }
        }

        return found;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
    }

    private static string Secret() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
}
