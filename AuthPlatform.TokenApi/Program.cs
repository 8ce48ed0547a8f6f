using AuthPlatform.ServiceDefaults;
using AuthPlatform.TokenApi;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddTokenApi();

var app = builder.Build();
app.UseServiceDefaults();
app.UseForwardedHeaders();
app.MapAuth();
await app.RunAsync();
