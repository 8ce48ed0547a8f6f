using System.Text.Json;
using AuthPlatform.TokenApi.Keys;

namespace AuthPlatform.UnitTests.Tokens;

public sealed class RotateAfterTests
{
    [Theory]
    [InlineData("""{}""", null)]
    [InlineData("""{"rotate_after":null}""", null)]
    [InlineData("""{"rotate_after":0}""", 0L)]
    [InlineData("""{"rotate_after":120}""", 120L)]
    [InlineData("""{"rotate_after":"0"}""", 0L)]
    [InlineData("""{"rotate_after":"90"}""", 90L)]
    [InlineData("""{"rotate_after":9223372036854775807}""", long.MaxValue)]
    public void TryReadMinutes_IntegerOrNumericString_IsTaken(string body, long? expected)
    {
        Assert.True(RotateKey.TryReadMinutes(JsonElement.Parse(body), out var minutes));
        Assert.Equal(expected, minutes);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("1e400")]
    [InlineData("9223372036854775808")]
    [InlineData("true")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("\"\"")]
    [InlineData("\"-1\"")]
    [InlineData("\"1.5\"")]
    [InlineData("\" 5\"")]
    [InlineData("\"٥\"")]
    [InlineData("\"five\"")]
    public void TryReadMinutes_AnythingElse_IsRefused(string value) => Assert.False(RotateKey.TryReadMinutes(JsonElement.Parse($$"""{"rotate_after":{{value}}}"""), out _));
}
