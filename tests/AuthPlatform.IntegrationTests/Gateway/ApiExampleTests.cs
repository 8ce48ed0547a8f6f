using System.Text.Json.Nodes;
using AuthPlatform.IntegrationTests.Deployment;

namespace AuthPlatform.IntegrationTests.Gateway;

/// <summary>The API document by itself.</summary>
public sealed class ApiExampleTests
{
    [Fact]
    public void Examples_OfAnswers_FitTheirSchemas()
    {
        var document = JsonNode.Parse(Repository.Read("AuthPlatform.Gateway/Docs/openapi.json"))!;
        var answers = document["paths"]!.AsObject()
            .SelectMany(path => path.Value!.AsObject().SelectMany(operation => Answers(operation.Value!["responses"]!, $"{operation.Key} {path.Key}")))
            .Concat(Answers(document["components"]!["responses"]!, "responses"));
        var compared = 0;
        foreach (var (at, content) in answers.SelectMany(answer => Contents(answer.Described, answer.At)))
        {
            ApiSchema.AssertFits(document, content["schema"]!, content["example"], at);
            compared++;
        }

        Assert.InRange(compared, 30, 200);
    }

    private static IEnumerable<(string At, JsonNode Described)> Answers(JsonNode responses, string at) => responses.AsObject().Select(response => ($"{at}: {response.Key}", response.Value!));

    private static IEnumerable<(string At, JsonNode Content)> Contents(JsonNode response, string at) =>
        response["content"]?.AsObject().Select(content => ($"{at} {content.Key}", content.Value!)) ?? [];
}
