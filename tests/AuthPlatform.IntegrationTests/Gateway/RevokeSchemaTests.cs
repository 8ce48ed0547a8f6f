using System.Net;
using System.Text.Json.Nodes;
using AuthPlatform.IntegrationTests.Deployment;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests.Gateway;

/// <summary>One of three members of <c>/auth/revoke</c> is there, and null is not: what the API document calls a body of it is taken, and nothing else.</summary>
public sealed class RevokeSchemaTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"token":"a"}""", true)]
    [InlineData("""{"token":["a",null],"session_id":null,"unique_key":null}""", true)]
    [InlineData("""{"token":null,"session_id":"a"}""", true)]
    [InlineData("""{"token":null,"unique_key":"a","device":"phone","ip":null}""", true)]
    [InlineData("{}", false)]
    [InlineData("""{"token":null}""", false)]
    [InlineData("""{"device":"phone"}""", false)]
    [InlineData("""{"token":"a","unique_key":"b"}""", false)]
    [InlineData("""{"token":["a"],"session_id":["b"]}""", false)]
    [InlineData("""{"token":7}""", false)]
    [InlineData("""{"session_id":["a",7]}""", false)]
    [InlineData("""{"unique_key":["a"]}""", false)]
    public async Task Body_OfRevoke_FitsItsSchemaWhereItIsTaken(string body, bool fits)
    {
        var document = JsonNode.Parse(Repository.Read("AuthPlatform.Gateway/Docs/openapi.json"))!;
        var schema = document["paths"]!["/auth/revoke"]!["post"]!["requestBody"]!["content"]!["application/json"]!["schema"]!;
        var application = await platform.CreateApplicationAsync(_ => { }, Cancellation);

        var (status, _) = await platform.SendSignedAsync(application, "/auth/revoke", () => body, Cancellation);

        Assert.Equal(fits ? HttpStatusCode.OK : HttpStatusCode.BadRequest, status);
        Assert.Equal(fits, Record.Exception(() => ApiSchema.AssertFits(document, schema, JsonNode.Parse(body), "body")) is null);
    }
}
