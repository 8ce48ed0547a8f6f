using AuthPlatform.AdminWeb;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Encryption;
using AuthPlatform.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddAdminWeb();

var app = builder.Build();
app.UseServiceDefaults();
app.UseAdminWeb();
return await app.RunToExitCodeAsync(app.Services.TestEncryptionAsync<AuthDbContext>);
