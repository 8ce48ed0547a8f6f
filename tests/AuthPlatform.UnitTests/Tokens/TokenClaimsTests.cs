using System.Text.Json;
using AuthPlatform.TokenApi.Tokens;

namespace AuthPlatform.UnitTests.Tokens;

/// <summary>The attacks on the whole system try everything else; here are the edges between good and bad.</summary>
public sealed class TokenClaimsTests
{
    private const string Id = "0199c7d4-0000-7000-8000-00000000000a";

    [Fact]
    public void Read_OfASession_GivesItsGenerationAndTimes()
    {
        var claims = TokenClaims.Read(JsonElement.Parse($$"""{"iat":5,"nbf":7,"exp":9,"sid":"{{Id}}","gen":2147483647,"jti":"x"}"""));
        Assert.Equal(new TokenClaims(Guid.Parse(Id), int.MaxValue, true, DateTimeOffset.FromUnixTimeSeconds(7), DateTimeOffset.FromUnixTimeSeconds(9)), claims);
    }

    [Fact]
    public void Read_WithoutASession_GivesItsOwnId() =>
        Assert.Equal((Guid.Parse(Id), 0, false), TokenClaims.Read(JsonElement.Parse($$"""{"iat":5,"nbf":5,"exp":9,"jti":"{{Id}}"}""")) is { } claims ? (claims.Id, claims.Generation, claims.HasSession) : default);

    [Theory]
    [InlineData("0", "0", "1", true)]
    [InlineData("0", "0", "99999999999", true)]
    [InlineData("0", "0", "100000000000", false)]
    [InlineData("0", "5", "5", false)]
    [InlineData("5", "0", "5", false)]
    [InlineData("0", "-1", "5", false)]
    public void Read_Times_AreWholeSecondsInOrder(string issuedAt, string notBefore, string expires, bool expected) =>
        Assert.Equal(expected, TokenClaims.Read(JsonElement.Parse($$"""{"iat":{{issuedAt}},"nbf":{{notBefore}},"exp":{{expires}},"jti":"{{Id}}"}""")) is not null);
}
