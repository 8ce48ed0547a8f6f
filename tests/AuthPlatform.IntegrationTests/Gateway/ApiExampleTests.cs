using System.Text.Json.Nodes;
using AuthPlatform.IntegrationTests.Deployment;

namespace AuthPlatform.IntegrationTests.Gateway;

/// <summary>The API document by itself.</summary>
public sealed class ApiExampleTests
{
    private readonly JsonNode _document = JsonNode.Parse(Repository.Read("AuthPlatform.Gateway/Docs/openapi.json"))!;

    private IEnumerable<(string At, JsonNode Described)> Operations =>
        _document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(operation => ($"{operation.Key} {path.Key}", operation.Value!)));

    [Fact]
    public void Examples_OfRequests_FitTheirSchemas()
    {
        var compared = 0;
        foreach (var (at, content) in Operations.Where(operation => operation.Described["requestBody"] is not null).SelectMany(operation => Contents(operation.Described["requestBody"]!, operation.At)))
        {
            foreach (var (name, example) in content["examples"]!.AsObject())
            {
                ApiSchema.AssertFits(_document, content["schema"]!, example!["value"], $"{at} {name}");
                compared++;
            }
        }

        Assert.InRange(compared, 12, 100);
    }

    [Fact]
    public void Examples_OfAnswers_FitTheirSchemas()
    {
        var answers = Operations.SelectMany(operation => Answers(operation.Described["responses"]!, operation.At)).Concat(Answers(_document["components"]!["responses"]!, "responses"));
        var compared = 0;
        foreach (var (at, content) in answers.SelectMany(answer => Contents(answer.Described, answer.At)))
        {
            ApiSchema.AssertFits(_document, content["schema"]!, content["example"], at);
            compared++;
        }

        Assert.InRange(compared, 30, 200);
    }

    private static IEnumerable<(string At, JsonNode Described)> Answers(JsonNode responses, string at) => responses.AsObject().Select(response => ($"{at}: {response.Key}", response.Value!));

    private static IEnumerable<(string At, JsonNode Content)> Contents(JsonNode described, string at) =>
        described["content"]?.AsObject().Select(content => ($"{at} {content.Key}", content.Value!)) ?? [];
}
