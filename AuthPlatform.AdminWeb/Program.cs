using AuthPlatform.AdminWeb;
using AuthPlatform.Data.Encryption;
using AuthPlatform.ServiceDefaults;

if (await HealthCommand.RunAsync(args) is { } health)
{
    return health;
}

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddAdminWeb();

var app = builder.Build();
app.UseServiceDefaults();
app.UseAdminWeb();
return await app.RunToExitCodeAsync(app.Services.TestEncryptionAsync);
