using AuthPlatform.Contracts;
using AuthPlatform.Gateway;
using AuthPlatform.ServiceDefaults;
using Yarp.ReverseProxy.ServiceDiscovery;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();

// The largest body that any endpoint takes; nothing larger is even buffered.
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = 256 * 1024);

builder.Services.AddSingleton<IDestinationResolver, DiscoveredDestinations>();
builder.Services.AddReverseProxy()
    .LoadFromConfig(builder.Configuration.GetSection("ReverseProxy"))
    .AddTransforms(ForwardedRequest.Configure);

// The gateway is ready when the Token API behind it is, which in turn asks its stores and the Key Manager.
builder.Services.AddServiceHealthCheck(ResourceNames.TokenApi);

var app = builder.Build();
app.UseServiceDefaults();
app.MapReverseProxy();
await app.RunAsync();
