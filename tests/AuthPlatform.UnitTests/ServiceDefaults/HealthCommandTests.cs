using AuthPlatform.ServiceDefaults;
using Microsoft.Extensions.Configuration;

namespace AuthPlatform.UnitTests.ServiceDefaults;

public sealed class HealthCommandTests
{
    [Theory]
    [InlineData(null, null, "http://localhost:5000/")]
    [InlineData("HTTP_PORTS", "8080", "http://localhost:8080/")]
    [InlineData("HTTP_PORTS", "8080;8081", "http://localhost:8080/")]
    [InlineData("HTTPS_PORTS", "8443", "https://localhost:8443/")]
    [InlineData("URLS", "https://0.0.0.0:8443", "https://localhost:8443/")]
    [InlineData("URLS", "http://+:80;https://+:443", "http://localhost/")]
    [InlineData("URLS", "http://[::]:8080", "http://localhost:8080/")]
    [InlineData("URLS", "http://127.0.0.2:8080", "http://127.0.0.2:8080/")]
    public void Address_OfAService_IsSeenFromTheSameMachine(string? setting, string? value, string address)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(setting is null ? [] : [new(setting, value)]).Build();
        Assert.Equal(new Uri(address), HealthCommand.AddressOf(settings));
    }

    [Fact]
    public async Task Arguments_OfAServiceThatIsToRun_AskForNoCheck() => Assert.Null(await HealthCommand.RunAsync(["--urls", "http://localhost:1"]));
}
