using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Encryption;
using AuthPlatform.Data.Keys;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using StackExchange.Redis;

namespace AuthPlatform.IntegrationTests.Infrastructure;

/// <summary>The whole platform, running, with stores that vanish with it and secrets of its own: no developer's data is ever near it.</summary>
public class AuthPlatformFixture : IAsyncLifetime
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(10);

    private readonly string[] _databasePasswords = [Secret(), Secret(), Secret(), Secret()];
    private readonly string[] _settings;
    private readonly SharedRedis _redis = new();
    private DistributedApplication? _app;

    public AuthPlatformFixture()
        : this([])
    {
    }

    protected AuthPlatformFixture(params string[] settings) => _settings = settings;

    /// <summary>The application that exists from the start.</summary>
    public TestApplication Bootstrap { get; } = new("integration-tests", Secret());

    /// <summary>What encrypts at rest.</summary>
    public string EncryptionKey { get; } = Secret();

    /// <summary>By which the services know each other.</summary>
    public string InternalSecret { get; } = Secret();

    /// <summary>All that the services have logged so far.</summary>
    public LogCollector Logs { get; } = new();

    /// <summary>Whatever must never appear in a log, answer or trace.</summary>
    public IReadOnlyList<string> PlatformSecrets => [EncryptionKey, InternalSecret, Bootstrap.Secret, .. _databasePasswords];

    public HttpClient Gateway { get; private set; } = null!;

    public DistributedApplication App => _app!;

    /// <summary>The replicas of the Token API one by one, past the gateway; where the host puts a proxy in front of them, that alone.</summary>
    public IReadOnlyList<HttpClient> TokenApis { get; private set; } = [];

    /// <summary>The same as the host calls them.</summary>
    public IReadOnlyList<string> TokenApiIds { get; private set; } = [];

    /// <summary>Where Prometheus reads the services, each replica by itself.</summary>
    public IEnumerable<Uri> MetricsAddresses =>
        Logs.Lines.Select(line => Regex.Match(line, @"Metrics for Prometheus: (http://\S+)")).Where(match => match.Success).Select(match => new Uri(match.Groups[1].Value)).Distinct();

    public async ValueTask InitializeAsync()
    {
        using var limit = new CancellationTokenSource(StartLimit);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AuthPlatform_AppHost>(
            [
                "--Stores:Keep=false",
                "--TokenApi:Replicas=2",
                "--Keys:AllowUnsafeSchedule=true",
                $"--Parameters:bootstrap-client-id={Bootstrap.ClientId}",
                $"--Parameters:bootstrap-client-secret={Bootstrap.Secret}",
                $"--Parameters:postgres-password={_databasePasswords[0]}",
                $"--Parameters:token-api-database-password={_databasePasswords[1]}",
                $"--Parameters:admin-web-database-password={_databasePasswords[2]}",
                $"--Parameters:key-manager-database-password={_databasePasswords[3]}",
                $"--Parameters:redis-password={Secret()}",
                $"--Parameters:encryption-key={EncryptionKey}",
                $"--Parameters:internal-secret={InternalSecret}",
                .. _settings,
            ],
            limit.Token);
        builder.Services.AddLogging(logging => logging.AddProvider(Logs));
        foreach (var service in new[] { ResourceNames.Gateway, ResourceNames.TokenApi, ResourceNames.KeyManager, ResourceNames.AdminWeb })
        {
            Service(service).WithEnvironment("Metrics__Port", "0");
        }

        foreach (var project in builder.Resources.OfType<ProjectResource>())
        {
            // Aspire names an address where nobody listens, or somebody else.
            builder.CreateResourceBuilder(project).WithEnvironment("OTEL_EXPORTER_OTLP_ENDPOINT", "");
        }

        // It goes round all databases again and again, and those of the tests are gone before there is something to clean up.
        builder.CreateResourceBuilder(builder.Resources.OfType<PostgresServerResource>().Single()).WithArgs("-c", "autovacuum_naptime=3600");
        Service(ResourceNames.TokenApi).WithEnvironment("Cleanup__PeriodSeconds", "1").WithEnvironment("SignedRequests__SecretUseSeconds", "1");
        Configure(builder);
        _app = await builder.BuildAsync(limit.Token);
        await _app.StartAsync(limit.Token);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync(ResourceNames.Gateway, limit.Token);
        Gateway = _app.CreateHttpClient(ResourceNames.Gateway);
        var replicas = await InstancesAsync(ResourceNames.TokenApi, limit.Token);
        TokenApiIds = [.. replicas.Keys];
        TokenApis = [.. replicas.Values.Distinct().Select(address => new HttpClient { BaseAddress = address })];
        // Made only while there is no administrator: tests make some. Who could not ask whether there is one says that none was made.
        await Eventually.TrueAsync(
            () => Task.FromResult(Logs.Lines.Any(line => line.Contains("/admin/setup?token=", StringComparison.Ordinal) || line.Contains("no set-up link was made", StringComparison.Ordinal))),
            StartLimit,
            limit.Token);

        IResourceBuilder<ProjectResource> Service(string name) => builder.CreateResourceBuilder((ProjectResource)builder.Resources.Single(r => r.Name == name));
    }

    public async ValueTask DisposeAsync()
    {
        Gateway?.Dispose();
        foreach (var replica in TokenApis)
        {
            replica.Dispose();
        }

        await _redis.DisposeAsync();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        GC.SuppressFinalize(this);
        // Nothing that tests do is a defect, a store that is away no more than wrong input.
        var errors = Logs.Lines.Where(LogCollector.IsError).ToList();
        Assert.True(errors.Count == 0, string.Join('\n', errors));
    }

    /// <summary>For what a platform of its own has beyond its settings.</summary>
    protected virtual void Configure(IDistributedApplicationTestingBuilder builder)
    {
    }

    /// <summary>For a platform whose Key Managers start again and again: each would make two keys, and nobody would use them.</summary>
    protected static void MakeNoKeysInAdvance(IDistributedApplicationTestingBuilder builder) =>
        builder.CreateResourceBuilder((ProjectResource)builder.Resources.Single(r => r.Name == ResourceNames.KeyManager)).WithEnvironment("Keys__ReadyKeys", "0");

    /// <summary>Registers an application of its own for a test, with keys to sign its tokens.</summary>
    public async Task<TestApplication> CreateApplicationAsync(Action<Application> configure, CancellationToken cancellationToken)
    {
        var cipher = new EnvelopeCipher([EncryptionKey]);
        var created = new TestApplication("test-" + SignedRequests.Nonce(), Secret());
        var now = TimeProvider.System.GetUtcNow();
        var application = ApplicationRegistration.NewApplication(created.ClientId, "A test's own", cipher, now);
        application.Secrets.Add(ApplicationRegistration.NewSecret(application.Id, 1, created.Secret, cipher, now));
        configure(application);

        await using var database = await OpenAuthDatabaseAsync(cancellationToken);
        database.Applications.Add(application);
        await database.SaveChangesAsync(cancellationToken);
        await using (var keys = await OpenKeysDatabaseAsync(cancellationToken))
        {
            await keys.AddApplicationAsync(created.ClientId, cipher, now, cancellationToken);
        }

        // It has nothing to make, and looks: from then on it signs for the application.
        using var keyManager = App.CreateHttpClient(ResourceNames.KeyManager);
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/internal/applications/{created.ClientId}");
        request.Headers.Add("Authorization", $"Bearer {InternalSecret}");
        using var response = await keyManager.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
        return created;
    }

    /// <summary>Changes an application as an administrator does: in the database, and then by a message to those who know it.</summary>
    public async Task ChangeApplicationAsync(TestApplication application, Action<Application> change, CancellationToken cancellationToken)
    {
        await using (var database = await OpenAuthDatabaseAsync(cancellationToken))
        {
            change(await database.Applications.Include(a => a.Secrets).SingleAsync(a => a.ClientId == application.ClientId, cancellationToken));
            await database.SaveChangesAsync(cancellationToken);
        }

        var redis = await _redis.ConnectAsync((await App.GetConnectionStringAsync(ResourceNames.Redis, cancellationToken))!, cancellationToken);
        await redis.GetSubscriber().PublishAsync(RedisChannel.Literal(ApplicationChanges.Channel), application.ClientId);
    }

    /// <summary>A second secret, beside the one it has.</summary>
    public Task<TestApplication> AddSecretAsync(TestApplication application, CancellationToken cancellationToken) => AddSecretAsync(application, Secret(), cancellationToken);

    public async Task<TestApplication> AddSecretAsync(TestApplication application, string secret, CancellationToken cancellationToken)
    {
        await ChangeApplicationAsync(
            application,
            a => a.Secrets.Add(ApplicationRegistration.NewSecret(a.Id, 2, secret, new EnvelopeCipher([EncryptionKey]), TimeProvider.System.GetUtcNow())),
            cancellationToken);
        return application with { Secret = secret };
    }

    public async Task<AuthDbContext> OpenAuthDatabaseAsync(CancellationToken cancellationToken) =>
        new(new DbContextOptionsBuilder<AuthDbContext>().UseNpgsql(await PooledAsync(ResourceNames.AuthDatabase, cancellationToken)).Options);

    public async Task<KeysDbContext> OpenKeysDatabaseAsync(CancellationToken cancellationToken) =>
        new(new DbContextOptionsBuilder<KeysDbContext>().UseNpgsql(await PooledAsync(ResourceNames.KeysDatabase, cancellationToken)).Options);

    /// <summary>
    /// Kept for a moment only: services that tests start need connections too. A test that starts Postgres again empties the pools (<see cref="NpgsqlConnection.ClearAllPools"/>):
    /// a connection from before would fail the first that gets it afterwards.
    /// </summary>
    private async Task<string> PooledAsync(string database, CancellationToken cancellationToken) =>
        new NpgsqlConnectionStringBuilder(await App.GetConnectionStringAsync(database, cancellationToken)) { ConnectionIdleLifetime = 10 }.ConnectionString;

    /// <summary>The Key Manager, as services of the platform call it.</summary>
    public HttpClient CreateKeyManagerClient()
    {
        var keyManager = App.CreateHttpClient(ResourceNames.KeyManager);
        keyManager.DefaultRequestHeaders.Add("Authorization", $"Bearer {InternalSecret}");
        return keyManager;
    }

    /// <summary>How a service signs in to its database.</summary>
    public async Task<NpgsqlConnectionStringBuilder> LoginAsync(string service, CancellationToken cancellationToken) =>
        new(await App.GetConnectionStringAsync($"{service}-database", cancellationToken)) { Pooling = false };

    /// <summary>The settings an operator has: with the rights of the databases' owner.</summary>
    public async Task<Dictionary<string, string>> OperatorEnvironmentAsync(CancellationToken cancellationToken) => new()
    {
        ["ConnectionStrings__authdb"] = (await App.GetConnectionStringAsync(ResourceNames.AuthDatabase, cancellationToken))!,
        ["ConnectionStrings__keysdb"] = (await App.GetConnectionStringAsync(ResourceNames.KeysDatabase, cancellationToken))!,
        ["ConnectionStrings__redis"] = (await App.GetConnectionStringAsync(ResourceNames.Redis, cancellationToken))!,
        ["Encryption__Keys__0"] = EncryptionKey,
    };

    /// <summary>The settings of one more Token API beside those that run.</summary>
    public async Task<Dictionary<string, string>> TokenApiEnvironmentAsync(CancellationToken cancellationToken) => new(await OperatorEnvironmentAsync(cancellationToken))
    {
        ["ConnectionStrings__authdb"] = (await App.GetConnectionStringAsync($"{ResourceNames.TokenApi}-database", cancellationToken))!,
        ["InternalCalls__Secrets__0"] = InternalSecret,
        ["services__key-manager__http__0"] = App.GetEndpoint(ResourceNames.KeyManager).ToString(),
        ["Tokens__PublicUrl"] = Gateway.BaseAddress!.ToString(),
    };

    /// <summary>Sends a signed request through the gateway.</summary>
    public Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => SendAsync(Gateway, request, cancellationToken);

    public static async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(HttpClient client, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            using var response = await client.SendAsync(request, cancellationToken);
            return (response.StatusCode, await response.ReadJsonAsync(cancellationToken));
        }
    }

    public async Task<JsonElement> IssueAsync(TestApplication application, string uniqueKey, CancellationToken cancellationToken)
    {
        var (status, body) = await SendSignedAsync(application, "/auth/token", () => SignedRequests.TokenBody(uniqueKey), cancellationToken);
        Assert.Equal(HttpStatusCode.OK, status);
        return body;
    }

    public Task<(HttpStatusCode Status, JsonElement Body)> VerifyAsync(TestApplication application, string token, CancellationToken cancellationToken) =>
        SendSignedAsync(application, "/auth/verify", () => SignedRequests.VerifyBody(token), cancellationToken);

    public Task<(HttpStatusCode Status, JsonElement Body)> TryRefreshAsync(TestApplication application, string token, CancellationToken cancellationToken) =>
        SendSignedAsync(application, "/auth/refresh", () => SignedRequests.VerifyBody(token), cancellationToken);

    public async Task<JsonElement> RefreshAsync(TestApplication application, string token, CancellationToken cancellationToken)
    {
        var (status, body) = await TryRefreshAsync(application, token, cancellationToken);
        Assert.Equal(HttpStatusCode.OK, status);
        return body;
    }

    /// <summary>Lets time pass for one session and its revocations, without waiting: their rows become older, and are copied to Redis as if they were new.</summary>
    public async Task AgeSessionAsync(string sessionId, int seconds, CancellationToken cancellationToken)
    {
        var (id, age) = (Guid.Parse(sessionId), TimeSpan.FromSeconds(seconds));
        await using var database = await OpenAuthDatabaseAsync(cancellationToken);
        await database.Database.ExecuteSqlAsync(
            $"""
            UPDATE sessions SET created_at = created_at - {age}, refreshed_at = refreshed_at - {age}, tokens_until = tokens_until - {age},
                idle_expires_at = idle_expires_at - {age}, absolute_expires_at = absolute_expires_at - {age}, sweep_at = sweep_at - {age} WHERE id = {id};
            UPDATE revocations SET transaction_id = pg_current_xact_id(), revoked_at = revoked_at - {age}, effective_at = effective_at - {age} WHERE revoked_id = {id};
            """,
            cancellationToken);
        await RevocationsCopiedAsync(cancellationToken);
    }

    /// <summary>Returns when Redis knows all revocations that are in Postgres now.</summary>
    public async Task RevocationsCopiedAsync(CancellationToken cancellationToken)
    {
        await using var database = await OpenAuthDatabaseAsync(cancellationToken);
        var now = await database.Database.SqlQuery<long>($"SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS \"Value\"").SingleAsync(cancellationToken);
        var redis = await _redis.ConnectAsync((await App.GetConnectionStringAsync(ResourceNames.Redis, cancellationToken))!, cancellationToken);
        await Eventually.TrueAsync(async () => (long?)await redis.GetDatabase().StringGetAsync("{revocations}:complete") > now, cancellationToken);
    }

    /// <summary>Sends a signed request through the gateway, afresh after a 503.</summary>
    public Task<(HttpStatusCode Status, JsonElement Body)> SendSignedAsync(TestApplication application, string path, Func<string> body, CancellationToken cancellationToken) =>
        SendFreshAsync(() => SignedRequests.V2(application, path, body()), cancellationToken);

    /// <summary>The same of any request.</summary>
    public Task<(HttpStatusCode Status, JsonElement Body)> SendFreshAsync(Func<HttpRequestMessage> make, CancellationToken cancellationToken) => SendFreshAsync(Gateway, make, cancellationToken);

    public static async Task<(HttpStatusCode Status, JsonElement Body)> SendFreshAsync(HttpClient client, Func<HttpRequestMessage> make, CancellationToken cancellationToken)
    {
        using var response = await client.SendFreshAsync(make, cancellationToken);
        return (response.StatusCode, await response.ReadJsonAsync(cancellationToken));
    }

    /// <summary>What the host calls the processes of a resource, and where each listens.</summary>
    private async Task<IReadOnlyDictionary<string, Uri>> InstancesAsync(string resource, CancellationToken cancellationToken)
    {
        var instances = new Dictionary<string, Uri>();
        var count = App.Services.GetRequiredService<DistributedApplicationModel>().Resources.Single(r => r.Name == resource).GetReplicaCount();
        await foreach (var change in App.ResourceNotifications.WatchAsync(cancellationToken))
        {
            if (change.Resource.Name == resource && change.Snapshot.Urls is [var url, ..])
            {
                instances.TryAdd(change.ResourceId, new Uri(url.Url));
            }

            if (instances.Count == count)
            {
                break;
            }
        }

        return instances;
    }

    private static string Secret() => "test_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
}
