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
return await app.RunToExitCodeAsync(() =>
{
    // The pages are made of services that cannot be had with settings that are refused.
    app.UseAdminWeb();
    return app.Services.TestEncryptionAsync();
});
