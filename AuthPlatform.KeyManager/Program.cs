using AuthPlatform.Contracts;
using AuthPlatform.Data.Encryption;
using AuthPlatform.Data.Keys;
using AuthPlatform.KeyManager;
using AuthPlatform.ServiceDefaults;
using StackExchange.Redis;

if (await HealthCommand.RunAsync(args) is { } health)
{
    return health;
}

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddEnvelopeEncryption();
builder.AddNpgsqlDbContext<KeysDbContext>(ResourceNames.KeysDatabase, settings =>
{
    // Nobody waits for a second try: requests are answered from the key ring, and the upkeep comes round again.
    settings.ConnectionString = ConnectionPool.Limit(settings.ConnectionString, 10);
    settings.DisableRetry = true;
    settings.DisableHealthChecks = true;
}, options => options.NamePool(ResourceNames.KeysDatabase));
if (builder.Configuration.GetConnectionString(ResourceNames.Redis) is not null)
{
    // Only messages go through it: without Redis, or while it is away, the others see a change when they ask.
    builder.AddRedisClient(
        ResourceNames.Redis,
        configureSettings: settings => settings.DisableHealthChecks = true,
        configureOptions: redis =>
        {
            redis.AbortOnConnectFail = false;
            redis.BacklogPolicy = BacklogPolicy.FailFast;
            redis.ConnectTimeout = 1000;
            redis.ReconnectRetryPolicy = new LinearRetry(1000);
        });
}

builder.Services.AddInternalCallSecrets();
builder.Services.AddKeys();

var app = builder.Build();
app.UseServiceDefaults();
app.MapKeys();
return await app.RunToExitCodeAsync(app.Services.TestEncryptionAsync<KeysDbContext>);
