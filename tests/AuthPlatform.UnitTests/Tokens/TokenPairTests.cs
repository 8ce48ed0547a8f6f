using System.Text.Json;
using AuthPlatform.Contracts;
using AuthPlatform.TokenApi.Tokens;
using AuthPlatform.UnitTests.Requests;
using Microsoft.AspNetCore.Http;

namespace AuthPlatform.UnitTests.Tokens;

public sealed class TokenPairTests
{
    /// <summary>A client that was told 300 s in the settings is told 300 s, and less only where it waited.</summary>
    [Theory]
    [InlineData(7, 300, 900)]
    [InlineData(5000, 295, 895)]
    [InlineData(301_000, 0, 599)]
    public async Task Answer_AfterSomeTime_SaysWhatIsLeftToTheNearestSecond(int milliseconds, int access, int refresh)
    {
        var issued = new DateTimeOffset(2026, 11, 27, 12, 0, 0, 123, TimeSpan.Zero);
        var grant = new TokenGrant
        {
            Application = Applications.With(),
            SessionId = Guid.CreateVersion7(issued),
            Generation = 0,
            UniqueKey = "user",
            Scope = null,
            Claims = null,
            RefreshedAt = issued,
            RefreshExpiresAt = issued.AddSeconds(900),
            AccessIssuedAt = issued,
            AccessExpiresAt = issued.AddSeconds(300),
        };
        var context = new DefaultHttpContext();
        using var body = new MemoryStream();
        context.Response.Body = body;

        await new TokenPair(grant, new SignedToken("access", "key"), "refresh").WriteAsync(context, issued.AddMilliseconds(milliseconds));

        using var answer = JsonDocument.Parse(body.ToArray());
        Assert.Equal((access, refresh), (answer.RootElement.GetProperty("expires_in").GetInt32(), answer.RootElement.GetProperty("refresh_expires_in").GetInt32()));
    }
}
