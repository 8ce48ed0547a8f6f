using AuthPlatform.Contracts;
using AuthPlatform.Data.Encryption;
using AuthPlatform.Data.Keys;
using AuthPlatform.KeyManager;
using AuthPlatform.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddEnvelopeEncryption();
builder.AddNpgsqlDbContext<KeysDbContext>(ResourceNames.KeysDatabase, settings =>
{
    // Nobody waits for a second try: requests are answered from the key ring, and the upkeep comes round again.
    settings.DisableRetry = true;
    settings.DisableHealthChecks = true;
});
builder.Services.AddInternalCallSecrets();
builder.Services.AddKeys();

var app = builder.Build();
app.UseServiceDefaults();
app.MapKeys();
return await app.RunToExitCodeAsync(app.Services.TestEncryptionAsync<KeysDbContext>);
