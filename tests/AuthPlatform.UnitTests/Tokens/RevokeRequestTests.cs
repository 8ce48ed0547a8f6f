using System.Text.Json;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.TokenApi.Requests;
using AuthPlatform.TokenApi.Sessions;
using AuthPlatform.TokenApi.Tokens;
using AuthPlatform.UnitTests.Requests;
using Application = AuthPlatform.TokenApi.Requests.Application;

namespace AuthPlatform.UnitTests.Tokens;

/// <summary>Which members of <c>/auth/revoke</c> say what ends.</summary>
public sealed class RevokeRequestTests
{
    private static readonly Application Keeping = Applications.With() with { KeepsDevice = true, IpHandling = IpHandlings.Store };

    /// <summary>As before there was anything but tokens.</summary>
    [Theory]
    [InlineData("""{"token":"a"}""", "a")]
    [InlineData("""{"token":["a",null,"b",""]}""", "a,b,")]
    [InlineData("""{"token":[null]}""", "")]
    [InlineData("""{"token":"a","unique_key":null,"session_id":null}""", "a")]
    [InlineData("""{"token":"a","device":7,"ip":{}}""", "a")]
    public void Parse_OfTokens_TakesTheOneOrThoseOfTheList(string body, string expected)
    {
        var request = Parse(body).Request!;

        Assert.Equal(expected, string.Join(',', request.Tokens!.Select(token => token.GetString())));
        Assert.Null(request.SessionIds);
        Assert.Null(request.User);
    }

    [Theory]
    [InlineData("""{"session_id":"a"}""", "a")]
    [InlineData("""{"session_id":["a",null,"a"],"token":null}""", "a,a")]
    [InlineData("""{"session_id":[]}""", "")]
    public void Parse_OfSessionIds_TakesTheOneOrThoseOfTheList(string body, string expected)
    {
        var request = Parse(body).Request!;

        Assert.Equal(expected, string.Join(',', request.SessionIds!.Select(id => id.GetString())));
        Assert.Null(request.Tokens);
        Assert.Null(request.User);
    }

    [Theory]
    [InlineData("""{"unique_key":"a"}""", "", "")]
    [InlineData("""{"unique_key":"a","device":null,"ip":null,"token":null}""", "", "")]
    [InlineData("""{"unique_key":"a","device":"phone","ip":"::ffff:203.0.113.7"}""", "phone", "203.0.113.7")]
    public void Parse_OfAUser_TakesThePlaceAsItIsKept(string body, string device, string ip)
    {
        var request = Parse(body).Request!;

        Assert.Equal(new RevokedUser("a", new UserPlace(device, ip)), request.User);
        Assert.Null(request.Tokens);
        Assert.Null(request.SessionIds);
    }

    [Theory]
    [InlineData("{}", "Missing or invalid 'token' field")]
    [InlineData("""{"token":null}""", "Missing or invalid 'token' field")]
    [InlineData("""{"unique_key":null,"session_id":null}""", "Missing or invalid 'token' field")]
    [InlineData("""{"device":"phone"}""", "Missing or invalid 'token' field")]
    [InlineData("""{"token":""}""", "Missing or invalid 'token' field")]
    [InlineData("""{"token":["a",1]}""", "Missing or invalid 'token' field")]
    [InlineData("""{"session_id":""}""", "Missing or invalid 'session_id' field")]
    [InlineData("""{"session_id":7}""", "Missing or invalid 'session_id' field")]
    [InlineData("""{"session_id":{}}""", "Missing or invalid 'session_id' field")]
    [InlineData("""{"session_id":["a",["b"]]}""", "Missing or invalid 'session_id' field")]
    [InlineData("""{"unique_key":""}""", "Missing unique_key")]
    [InlineData("""{"unique_key":7}""", "Missing unique_key")]
    [InlineData("""{"unique_key":["a"]}""", "Missing unique_key")]
    [InlineData("""{"unique_key":"a","device":7}""", "device must be a string of at most 512 characters")]
    [InlineData("""{"unique_key":"a","ip":"010.0.0.1"}""", "ip must be an IPv4 or IPv6 address, or empty")]
    [InlineData("""{"token":"a","unique_key":"b"}""", "Give one of token, session_id and unique_key, not several")]
    [InlineData("""{"token":"a","session_id":"b"}""", "Give one of token, session_id and unique_key, not several")]
    [InlineData("""{"session_id":"a","unique_key":"b"}""", "Give one of token, session_id and unique_key, not several")]
    [InlineData("""{"session_id":[],"unique_key":""}""", "Give one of token, session_id and unique_key, not several")]
    [InlineData("""{"token":7,"session_id":"a","unique_key":"b"}""", "Give one of token, session_id and unique_key, not several")]
    public void Parse_OfAnythingElse_SaysWhatIsWrong(string body, string detail) => AssertRefused(detail, Parse(body));

    [Fact]
    public void Parse_OfMoreThanFits_SaysHowMuchDoes()
    {
        AssertRefused("unique_key must be at most 128 characters", Parse($$"""{"unique_key":"{{new string('x', 129)}}"}"""));
        AssertRefused("device must be a string of at most 512 characters", Parse($$"""{"unique_key":"a","device":"{{new string('x', 513)}}"}"""));
        AssertRefused("token must be a list of at most 200 tokens; it has 201", Parse($$"""{"token":{{List(201)}}}"""));
        AssertRefused("session_id must be a list of at most 200 ids; it has 201", Parse($$"""{"session_id":{{List(201)}}}"""));
        Assert.Equal(200, Parse($$"""{"session_id":{{List(200)}}}""").Request!.SessionIds!.Count);
    }

    /// <summary>All sessions of the user would be at the empty device, or at none.</summary>
    [Theory]
    [InlineData("device", "phone")]
    [InlineData("ip", "203.0.113.7")]
    public void Parse_OfAPlaceThatIsNotKept_IsRefused(string member, string value)
    {
        var answer = Parse($$"""{"unique_key":"a","{{member}}":"{{value}}"}""", Applications.With());

        AssertRefused($"{member} cannot tell sessions apart: the application does not keep it. Leave it out, or give session_id", answer);
    }

    private static string List(int count) => JsonSerializer.Serialize(Enumerable.Repeat("x", count));

    private static void AssertRefused(string detail, (RevokeRequest? Request, Problem? Problem) answer)
    {
        Assert.Null(answer.Request);
        Assert.Equal((400, "invalid_request", detail), (answer.Problem!.Status, answer.Problem.Error, answer.Problem.Detail));
    }

    private static (RevokeRequest? Request, Problem? Problem) Parse(string body, Application? application = null) =>
        RevokeRequest.Parse(new SignedRequest(application ?? Keeping, null!, JsonDocument.Parse(body), version: 2, Task.FromResult<(bool IsRepeated, Problem? Problem)>((false, null))));
}
