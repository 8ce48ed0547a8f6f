using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting.Running;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Dashboard;

/// <summary>The web server behind the resource service: HTTP/2 without TLS, on this machine only, for whoever has the key.</summary>
internal static class ResourceServiceHost
{
    public static async Task<WebApplication> StartAsync(DashboardEndpoints endpoints, ResourceService service, CancellationToken cancellationToken)
    {
        // An empty builder reads no settings (the AppHost's ASPNETCORE_URLS are the dashboard's) and logs nothing.
        var builder = WebApplication.CreateEmptyBuilder(new());
        // On all that localhost means: on an address left free, another user could listen and be sent the key. One that is taken fails the start.
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
            kestrel.ListenLocalhost(new Uri(endpoints.ResourceServiceUrl).Port, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddSingleton<IHostLifetime, OwnedLifetime>();
        builder.Services.AddSingleton(service);
        builder.Services.AddGrpc();

        var app = builder.Build();
        var key = Encoding.UTF8.GetBytes(endpoints.ResourceServiceApiKey);
        app.Use((context, next) =>
        {
            var given = Encoding.UTF8.GetBytes(context.Request.Headers["x-resource-service-api-key"].ToString());
            if (CryptographicOperations.FixedTimeEquals(given, key))
            {
                return next(context);
            }

            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Task.CompletedTask;
        });
        app.MapGrpcService<ResourceService>();
        await app.StartAsync(cancellationToken);
        return app;
    }

    /// <summary>Keeps this server from reacting to Ctrl+C, so that the dashboard sees services stop; the AppHost disposes it last.</summary>
    private sealed class OwnedLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
