using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace AuthPlatform.IntegrationTests.Gateway;

/// <summary>A server that stands where a replica of the Token API would, and answers whatever a test wants: what a real one does too rarely.</summary>
internal sealed class StandInReplica : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _asked;
    private int _askedHowItIs;

    private StandInReplica(RequestDelegate answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(context =>
        {
            if (context.Request.Path.StartsWithSegments("/health"))
            {
                Interlocked.Increment(ref _askedHowItIs);
                context.Response.StatusCode = IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
                return IsHanging ? Task.Delay(Timeout.Infinite, context.RequestAborted) : Task.CompletedTask;
            }

            Interlocked.Increment(ref _asked);
            return answer(context);
        });
    }

    /// <summary>What it says about itself.</summary>
    public bool IsReady { get; set; } = true;

    /// <summary>Whether it says nothing at all about itself.</summary>
    public bool IsHanging { get; set; }

    /// <summary>How many requests have come so far, those about its health left out.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>How many have asked it about its health so far.</summary>
    public int AskedHowItIs => Volatile.Read(ref _askedHowItIs);

    public string Address => _app.Urls.Single();

    public static async Task<StandInReplica> StartAsync(RequestDelegate answer, CancellationToken cancellationToken)
    {
        var replica = new StandInReplica(answer);
        await replica._app.StartAsync(cancellationToken);
        return replica;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
