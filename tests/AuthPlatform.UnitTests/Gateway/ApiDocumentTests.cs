using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using AuthPlatform.Contracts;
using AuthPlatform.ServiceDefaults;
using AuthPlatform.TokenApi;
using AuthPlatform.TokenApi.OAuth;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.OpenApi;

namespace AuthPlatform.UnitTests.Gateway;

/// <summary>The API document is complete: every route and every code of the platform stands in it, and nothing else.</summary>
public sealed class ApiDocumentTests
{
    /// <summary>Answered by the gateway, or by the Key Manager.</summary>
    private static readonly string[] Elsewhere =
        ["GET /health", "GET /health/live", "GET /health/ready", "GET /auth/{client_id}/jwks"];

    [Fact]
    public void Routes_OfTheTokenApi_AreDocumented()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:authdb"] = "Host=localhost",
            ["ConnectionStrings:redis"] = "localhost",
        });
        builder.AddServiceDefaults();
        builder.AddTokenApi();
        var app = builder.Build();
        app.MapAuth();
        app.MapOAuth();
        var served = ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().SelectMany(endpoint =>
            endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods.Where(method => method != "HEAD").Select(method => $"{method} {PathOf(endpoint)}"));

        var documented = Document()["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(operation => $"{operation.Key.ToUpperInvariant()} {path.Key}"));
        Assert.Equal(served.Concat(Elsewhere).Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Codes_OfProblems_AreDocumented()
    {
        var documented = Document()["components"]!["schemas"]!["Problem"]!["properties"]!["code"]!["enum"]!.AsArray().Select(code => code!.GetValue<string>());
        Assert.Equal(Codes().Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Document_ReadByALibrary_IsOpenApi31WithoutErrors()
    {
        var (document, diagnostic) = OpenApiDocument.Parse(Document().ToJsonString(), OpenApiConstants.Json);

        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, diagnostic!.SpecificationVersion);
        Assert.Empty(diagnostic.Errors);
        Assert.Empty(diagnostic.Warnings);
        Assert.NotEmpty(document!.Paths);
    }

    /// <summary>Each code stands once in the contract's table, with its status, cause and cure, and readers of the API document find the same table there.</summary>
    [Fact]
    public void Codes_OfProblems_HaveACauseAndACure()
    {
        var contract = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Docs", "protocol.md"));
        var table = contract[contract.IndexOf("| status | `code` |", StringComparison.Ordinal)..].TrimEnd();
        var rows = table.Split('\n').Skip(2).Select(row => row.Trim('|').Split('|')).ToList();
        Assert.All(rows, row => Assert.True(row.Length == 4 && row.All(cell => cell.Trim().Length > 2), string.Join('|', row)));

        var listed = rows.SelectMany(row => row[1].Split('`').Where((_, position) => position % 2 == 1));
        Assert.Equal(Codes().Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
        Assert.Contains(table, Document()["info"]!["description"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public void Operations_AllHaveAName_ASummaryAndExamples()
    {
        foreach (var operation in Document()["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(operation => operation.Value!)))
        {
            Assert.NotEmpty(operation["operationId"]!.GetValue<string>());
            Assert.NotEmpty(operation["summary"]!.GetValue<string>());
            Assert.All(operation["responses"]!["200"]!["content"]?.AsObject().Select(content => content.Value!) ?? [], content => Assert.NotNull(content["example"]));
        }
    }

    /// <summary>All that outsiders can get.</summary>
    private static IEnumerable<string> Codes() =>
        typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!).Except([ErrorCodes.InternalCallerUnknown]);

    private static string PathOf(RouteEndpoint endpoint) => "/" + endpoint.RoutePattern.RawText!.TrimStart('/')
        .Replace("{**issuerPath}", "auth/{client_id}", StringComparison.Ordinal)
        .Replace("{clientId}", "{client_id}", StringComparison.Ordinal);

    private static JsonNode Document()
    {
        using var resource = typeof(AuthPlatform.Gateway.GatewayMetrics).Assembly.GetManifestResourceStream("openapi.json")!;
        return JsonSerializer.Deserialize<JsonNode>(resource)!;
    }
}
