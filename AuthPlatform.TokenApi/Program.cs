using AuthPlatform.Data.Encryption;
using AuthPlatform.ServiceDefaults;
using AuthPlatform.TokenApi;
using AuthPlatform.TokenApi.OAuth;

if (await HealthCommand.RunAsync(args) is { } health)
{
    return health;
}

// Without what this service has no use for: IIS, HTTP/3, static files of other projects.
var builder = WebApplication.CreateSlimBuilder(args);
builder.WebHost.UseKestrelHttpsConfiguration();
builder.AddServiceDefaults();
builder.AddTokenApi();

var app = builder.Build();
app.UsePublicPrefix();
app.UseServiceDefaults();
app.UseForwardedHeaders();
app.MapAuth();
app.MapOAuth();
return await app.RunToExitCodeAsync(app.Services.TestEncryptionAsync);
