using AuthPlatform.Contracts;
using AuthPlatform.Data.Encryption;
using AuthPlatform.KeyManager;
using AuthPlatform.ServiceDefaults;

if (await HealthCommand.RunAsync(args) is { } health)
{
    return health;
}

// Without what this service has no use for: IIS, HTTP/3, static files of other projects.
var builder = WebApplication.CreateSlimBuilder(args);
builder.WebHost.UseKestrelHttpsConfiguration();
builder.AddServiceDefaults();
builder.AddPublicPrefix();
builder.AddEnvelopeEncryption();
builder.AddNpgsqlDataSource(ResourceNames.KeysDatabase, configureDataSourceBuilder: dataSource =>
{
    dataSource.Name = ResourceNames.KeysDatabase;
    dataSource.ConnectionStringBuilder.MaxPoolSize = 10;
});
if (builder.Configuration.GetConnectionString(ResourceNames.Redis) is not null)
{
    // Only messages go through it: without Redis, or while it is away, the others see a change when they ask.
    builder.AddFailFastRedisClient();
}

builder.Services.AddInternalCallSecrets();
builder.Services.AddKeys();

var app = builder.Build();
app.UsePublicPrefix();
app.UseServiceDefaults();
app.MapKeys();
return await app.RunToExitCodeAsync(app.Services.TestEncryptionAsync);
