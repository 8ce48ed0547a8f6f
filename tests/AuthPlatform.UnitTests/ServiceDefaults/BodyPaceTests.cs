using AuthPlatform.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AuthPlatform.UnitTests.ServiceDefaults;

public sealed class BodyPaceTests
{
    /// <summary>A client that is fast enough for the gateway fills the pieces in which that passes a body on in more than the five seconds a server gives by itself.</summary>
    [Fact]
    public async Task Service_BehindTheGateway_DoesNotJudgeHowFastABodyComes()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.AddServiceDefaults();
        await using var service = builder.Build();

        Assert.Null(service.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits.MinRequestBodyDataRate);
    }
}
