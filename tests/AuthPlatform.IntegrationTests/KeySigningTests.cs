using System.Buffers.Text;
using System.Net;
using System.Text;
using AuthPlatform.Contracts;
using AuthPlatform.IntegrationTests.Infrastructure;

namespace AuthPlatform.IntegrationTests;

/// <summary>The Key Manager's signing route, beside what every token shows of it.</summary>
public sealed class KeySigningTests(AuthPlatformFixture platform)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sign_SeveralPayloads_EachWithTheKeyOfItsApplicationAndTheBadRefusedAlone()
    {
        var other = await platform.CreateApplicationAsync(_ => { }, Cancellation);
        using var keyManager = platform.CreateKeyManagerClient();
        (SigningRequest Request, int Status)[] asked =
        [
            (Request(other.ClientId, """{"n":0}"""), 200),
            (Request("nobody", "{}"), 404),
            (Request(platform.Bootstrap.ClientId, """{"n":1}"""), 200),
            (Request(other.ClientId, "[]"), 400),
            (Request(other.ClientId, "{}{}"), 400),
            (Request(other.ClientId, ""), 400),
            (Request(other.ClientId, "{}", "none"), 400),
            (Request(other.ClientId, "{" + new string(' ', KeyManagerContract.MaxPayloadLength) + "}"), 413),
            (Request(other.ClientId, """{"n":2}"""), 200),
        ];
        var answers = await keyManager.SignAsync([.. asked.Select(a => a.Request)], Cancellation);

        Assert.Equal(asked.Select(a => a.Status), answers.Select(a => a.Status));
        foreach (var ((request, _), (token, _)) in asked.Zip(answers).Where(a => a.First.Status == 200))
        {
            var jwks = await platform.Gateway.GetStringAsync($"/auth/{request.ClientId}/jwks", Cancellation);
            Assert.Contains(token!.KeyId, jwks, StringComparison.Ordinal);
            Assert.Equal(Encoding.UTF8.GetString(request.Payload.Span), Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token.Token.Split('.')[1])));
        }
    }

    /// <summary>What a Token API asks before its first request.</summary>
    [Fact]
    public async Task Sign_Nothing_GivesNothing()
    {
        using var keyManager = platform.CreateKeyManagerClient();
        Assert.Empty(await keyManager.SignAsync([], Cancellation));
    }

    [Theory]
    [InlineData("{}", HttpStatusCode.BadRequest)]
    [InlineData("app at+jwt 99\n{}", HttpStatusCode.BadRequest)]
    [InlineData(null, HttpStatusCode.RequestEntityTooLarge)]
    public async Task Sign_BodyThatIsNone_IsRefused(string? body, HttpStatusCode expected)
    {
        using var keyManager = platform.CreateKeyManagerClient();
        using var content = new StringContent(body ?? new string('a', KeyManagerContract.MaxSigningLength + 1));
        using var response = await keyManager.PostAsync(KeyManagerContract.SignAddress, content, Cancellation);
        Assert.Equal(expected, response.StatusCode);
    }

    private static SigningRequest Request(string clientId, string payload, string type = KeyManagerContract.AccessTokenType) => new(clientId, type, Encoding.UTF8.GetBytes(payload));
}
