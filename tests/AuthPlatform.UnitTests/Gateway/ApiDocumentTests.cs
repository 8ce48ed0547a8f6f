using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using AuthPlatform.Contracts;
using AuthPlatform.ServiceDefaults;
using AuthPlatform.ServiceDefaults.Problems;
using AuthPlatform.TokenApi;
using AuthPlatform.TokenApi.OAuth;
using AuthPlatform.TokenApi.Requests;
using AuthPlatform.TokenApi.Tokens;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.OpenApi;

namespace AuthPlatform.UnitTests.Gateway;

/// <summary>The API document is complete: every route, code and refusal of the platform stands in it, and nothing else.</summary>
public sealed class ApiDocumentTests
{
    /// <summary>Answered by the gateway, or by the Key Manager.</summary>
    private static readonly string[] Elsewhere =
        ["GET /health", "GET /health/live", "GET /health/ready", "GET /health/serving", "GET /auth/{client_id}/jwks", "HEAD /auth/{client_id}/jwks"];

    [Fact]
    public void Routes_OfTheTokenApi_AreDocumented()
    {
        var served = Served().SelectMany(endpoint =>
            endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods.Select(method => $"{method} {PathOf(endpoint)}"));

        var documented = Operations(Document()).Select(operation => $"{operation.Method} {operation.Path}");
        Assert.Equal(served.Concat(Elsewhere).Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    /// <summary>
    /// Each operation lists the statuses of the problems that the code in its way has, in the media types in which that code writes them, and no others. What any address can
    /// answer (another method, no readable request, a defect) the document says once.
    /// </summary>
    [Fact]
    public void Refusals_OfEachOperation_AreDocumented()
    {
        var document = Document();
        var plain = Served().Where(endpoint => endpoint.Metadata.GetMetadata<PlainOAuthErrors>() is not null).Select(PathOf).ToHashSet(StringComparer.Ordinal);
        var operations = Operations(document).Where(operation => !operation.Path.StartsWith("/health", StringComparison.Ordinal)).ToList();

        var answered = operations.SelectMany(operation => Refusals(operation.Path, operation.Described, plain.Contains(operation.Path)).Select(refusal => $"{operation.Method} {operation.Path} {refusal}"));
        var documented = operations.SelectMany(operation => DocumentedRefusals(document, operation.Described).Select(refusal => $"{operation.Method} {operation.Path} {refusal}"));
        Assert.Equal(answered.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
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
        foreach (var (_, _, operation) in Operations(Document()))
        {
            Assert.NotEmpty(operation["operationId"]!.GetValue<string>());
            Assert.NotEmpty(operation["summary"]!.GetValue<string>());
            Assert.All(operation["responses"]!["200"]!["content"]?.AsObject().Select(content => content.Value!) ?? [], content => Assert.NotNull(content["example"]));
        }
    }

    /// <summary>All that outsiders can get.</summary>
    private static IEnumerable<string> Codes() =>
        typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!).Except([ErrorCodes.InternalCallerUnknown]);

    /// <summary>What the service answers to an operation when it refuses it, and what the gateway does in its place: status and media type.</summary>
    private static IEnumerable<string> Refusals(string path, JsonNode described, bool isPlain)
    {
        var (isSigned, hasBody) = (described["security"] is not null, described["requestBody"] is not null);
        List<Problem> ofService = [CommonProblems.TemporarilyUnavailable];
        ofService.AddRange(isSigned
            ? [.. ProblemsOf(typeof(RequestProblems)), .. ProblemsOf(typeof(TokenProblems)), .. ProblemsOf(typeof(OAuthProblems)), RequestProblems.AddressNotAllowed(""), CommonProblems.BodyTooLarge]
            : [CommonProblems.NotFound]);
        if (path == "/auth/rotate-key")
        {
            // What the Key Manager says of an application that it does not know.
            ofService.Add(CommonProblems.NotFound);
        }

        // Where no body is taken, its type does not matter.
        var statuses = ofService.Select(problem => problem.Status).Where(status => hasBody || status != StatusCodes.Status415UnsupportedMediaType);
        // A limit is reached, no service is there, and a body is larger than any service takes.
        int[] ofGateway = [StatusCodes.Status429TooManyRequests, StatusCodes.Status503ServiceUnavailable, .. hasBody ? [StatusCodes.Status413PayloadTooLarge] : Array.Empty<int>()];
        return statuses.Select(status => $"{status} {(isPlain ? "application/json" : "application/problem+json")}").Union(ofGateway.Select(status => $"{status} application/problem+json"));
    }

    private static IEnumerable<Problem> ProblemsOf(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Static).Select(property => property.GetValue(null)).OfType<Problem>();

    private static IEnumerable<string> DocumentedRefusals(JsonNode document, JsonNode described) => described["responses"]!.AsObject().Where(response => response.Key[0] >= '4').SelectMany(response =>
    {
        var shared = document["components"]!["responses"]![response.Value!["$ref"]!.GetValue<string>().Split('/')[^1]]!;
        return shared["content"]!.AsObject().Select(content => $"{response.Key} {content.Key}");
    });

    private static IEnumerable<(string Method, string Path, JsonNode Described)> Operations(JsonNode document) =>
        document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(operation => (operation.Key.ToUpperInvariant(), path.Key, operation.Value!)));

    private static List<RouteEndpoint> Served()
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
        return [.. ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()];
    }

    private static string PathOf(RouteEndpoint endpoint) => "/" + endpoint.RoutePattern.RawText!.TrimStart('/')
        .Replace("{**issuerPath}", "auth/{client_id}", StringComparison.Ordinal)
        .Replace("{clientId}", "{client_id}", StringComparison.Ordinal);

    private static JsonNode Document()
    {
        using var resource = typeof(AuthPlatform.Gateway.GatewayMetrics).Assembly.GetManifestResourceStream("openapi.json")!;
        return JsonSerializer.Deserialize<JsonNode>(resource)!;
    }
}
