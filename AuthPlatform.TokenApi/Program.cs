using AuthPlatform.Data.Encryption;
using AuthPlatform.ServiceDefaults;
using AuthPlatform.TokenApi;
using AuthPlatform.TokenApi.OAuth;

if (await HealthCommand.RunAsync(args) is { } health)
{
    return health;
}

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddTokenApi();

var app = builder.Build();
app.UseServiceDefaults();
app.UseForwardedHeaders();
app.MapAuth();
app.MapOAuth();
return await app.RunToExitCodeAsync(app.Services.TestEncryptionAsync);
