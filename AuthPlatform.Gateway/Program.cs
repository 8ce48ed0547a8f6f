using AuthPlatform.Gateway;
using AuthPlatform.Gateway.Docs;
using AuthPlatform.Gateway.Forwarding;
using AuthPlatform.Gateway.Limits;
using AuthPlatform.Gateway.Sharing;
using AuthPlatform.Gateway.Tls;
using AuthPlatform.ServiceDefaults;

if (await HealthCommand.RunAsync(args) is { } health)
{
    return health;
}

// Without what this service has no use for: IIS, HTTP/3, static files of other projects.
var builder = WebApplication.CreateSlimBuilder(args);
builder.WebHost.UseKestrelHttpsConfiguration();
builder.AddServiceDefaults();
builder.AddGateway();

var app = builder.Build();
app.UsePublicPrefix();
app.UseForwardedHeaders();
app.UseStrictTransport();
app.UsePublicReads();
app.UseServiceDefaults();
app.UseMiddleware<GatewayRateLimits>();
app.UseKnownMethods();
app.MapApiReference();
app.MapReverseProxy(proxy =>
{
    proxy.UseSharedKeySets();
    proxy.UseResendUnsent();
    proxy.Use(app.Services.GetRequiredService<FailedForwards>().InvokeAsync);
    proxy.UseLoadBalancing();
    proxy.UsePassiveHealthChecks();
});
return await app.RunToExitCodeAsync(app.Services.GetRequiredService<CertificateFiles>().ReadFirstAsync);
