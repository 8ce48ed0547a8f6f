using AuthPlatform.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AuthPlatform.UnitTests.ServiceDefaults;

public sealed class DrainTests
{
    [Theory]
    [InlineData("61")]
    [InlineData("-1")]
    [InlineData("soon")]
    public async Task DrainSeconds_OutOfRange_AreRefusedWhenTheServiceStarts(string seconds)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["Shutdown:DrainSeconds"] = seconds;
        builder.AddServiceDefaults();
        builder.Logging.ClearProviders();
        await using var app = builder.Build();

        var refused = Assert.Throws<OptionsValidationException>(app.Services.GetRequiredService<IStartupValidator>().Validate);
        Assert.Equal("Shutdown:DrainSeconds must be a number from 0 to 60.", Assert.Single(refused.Failures));
    }
}
