using System.Text.RegularExpressions;
using AuthPlatform.KeyManager;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace AuthPlatform.UnitTests.KeyManager;

/// <summary>What the Key Manager answers to services of the platform is the table of docs/keys.md.</summary>
public sealed partial class KeyRoutesTests
{
    [Fact]
    public void Routes_ForThePlatform_AreThoseOfTheTable()
    {
        var table = Row().Matches(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Docs", "keys.md"))).Select(row => row.Groups[1].Value);

        Assert.Equal(Served().Order(StringComparer.Ordinal), table.Order(StringComparer.Ordinal));
    }

    private static List<string> Served()
    {
        // Nothing is started, so there need be no stores; elsewhere than in production they would be missed.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Services.AddKeys();
        var app = builder.Build();
        app.MapKeys();
        return
        [
            .. ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
                .SelectMany(endpoint => endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods.Select(method => $"{method} {PathOf(endpoint)}"))
                .Where(route => route.Contains(" /internal/", StringComparison.Ordinal)),
        ];
    }

    private static string PathOf(RouteEndpoint endpoint) => endpoint.RoutePattern.RawText!.TrimEnd('/').Replace("{clientId}", "{client_id}", StringComparison.Ordinal);

    [GeneratedRegex(@"^\| `([A-Z]+ /internal/[^`?]+)", RegexOptions.Multiline)]
    private static partial Regex Row();
}
