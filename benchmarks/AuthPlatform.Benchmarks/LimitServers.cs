using System.CommandLine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Configuration;

namespace AuthPlatform.Benchmarks;

/// <summary>What the platform is compared with: a web server that does nothing but read a body and write one, and a proxy that does nothing but pass both on.</summary>
internal static class LimitServers
{
    public static Command Bare()
    {
        var command = new Command("serve-bare", "Answers any request with as many bytes as ?bytes= says, having read its body") { Hidden = true };
        command.SetAction((_, cancellationToken) => RunAsync(
            builder => { },
            app => app.Run(async context =>
            {
                await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
                var length = int.Parse(context.Request.Query["bytes"]!, System.Globalization.CultureInfo.InvariantCulture);
                context.Response.ContentType = "application/json";
                context.Response.ContentLength = length;
                context.Response.BodyWriter.GetSpan(length)[..length].Fill((byte)' ');
                context.Response.BodyWriter.Advance(length);
                await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
            }),
            cancellationToken));
        return command;
    }

    public static Command Proxy()
    {
        var to = new Option<string>("--to") { Description = "Where it passes everything", Required = true };
        var command = new Command("serve-proxy", "Passes any request on") { Hidden = true };
        command.Options.Add(to);
        command.SetAction((arguments, cancellationToken) => RunAsync(
            builder => builder.Services.AddReverseProxy().LoadFromMemory(
                [new RouteConfig { RouteId = "all", ClusterId = "bare", Match = new RouteMatch { Path = "{**rest}" } }],
                [new ClusterConfig { ClusterId = "bare", Destinations = new Dictionary<string, DestinationConfig> { ["bare"] = new() { Address = arguments.GetValue(to)! } } }]),
            app => app.MapReverseProxy(),
            cancellationToken));
        return command;
    }

    /// <summary>Says its address in one line, and ends with its input.</summary>
    private static async Task<int> RunAsync(Action<WebApplicationBuilder> configure, Action<WebApplication> map, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        configure(builder);
        await using var app = builder.Build();
        map(app);
        await app.StartAsync(cancellationToken);
        Console.WriteLine(app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());
        await Console.In.ReadToEndAsync(cancellationToken);
        await app.StopAsync(CancellationToken.None);
        return 0;
    }
}
