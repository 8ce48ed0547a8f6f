using AuthPlatform.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AuthPlatform.UnitTests.ServiceDefaults;

public sealed class BodyPaceTests
{
    /// <summary>
    /// A client that is fast enough for the gateway fills the pieces in which that passes a body on in more than the five seconds a server gives by itself. Without any limit, a body
    /// whose gateway has vanished would be waited for until the service ends.
    /// </summary>
    [Fact]
    public async Task Service_BehindTheGateway_WaitsLongForABodyAndNotForEver()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.AddServiceDefaults();
        await using var service = builder.Build();

        var rate = service.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits.MinRequestBodyDataRate;
        Assert.NotNull(rate);
        Assert.InRange(rate.BytesPerSecond, 0.1, 24);
        Assert.InRange(rate.GracePeriod, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5));
    }
}
