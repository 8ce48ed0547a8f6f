using System.Text.Json;
using AuthPlatform.TokenApi.Requests;

namespace AuthPlatform.UnitTests.Requests;

public sealed class RequestTimestampTests
{
    [Theory]
    [InlineData("1760000000", 1760000000)]
    [InlineData("1760000000.25", 1760000000)]
    [InlineData("\"2025-10-09T08:53:20Z\"", 1760000000)]
    public void FromBody_Timestamp_IsRead(string json, long seconds) => Assert.Equal((seconds, null), RequestTimestamp.FromBody(Body(json)));

    [Theory]
    [InlineData("\"1760000000\"")]
    [InlineData("\"2025-10-09T08:53:20+00:00\"")]
    [InlineData("\"2025-10-09 08:53:20Z\"")]
    [InlineData("\"2025-10-09T08:53:20.5Z\"")]
    [InlineData("\"2025-10-09T08:53:20z\"")]
    [InlineData("\" 2025-10-09T08:53:20Z\"")]
    [InlineData("-1")]
    [InlineData("1e308")]
    [InlineData("1e999")]
    [InlineData("99999999999999999999")]
    [InlineData("true")]
    [InlineData("[]")]
    [InlineData("{}")]
    public void FromBody_OtherShapes_AreInvalid(string json) => Assert.Equal(RequestProblems.InvalidTimestamp, RequestTimestamp.FromBody(Body(json)).Problem);

    [Fact]
    public void FromBody_NoneOrNull_IsMissing()
    {
        Assert.Equal(RequestProblems.MissingTimestamp, RequestTimestamp.FromBody(Body("null")).Problem);
        Assert.Equal(RequestProblems.MissingTimestamp, RequestTimestamp.FromBody(JsonElement.Parse("{}")).Problem);
    }

    [Theory]
    [InlineData("1760000000", true)]
    [InlineData("0", true)]
    [InlineData("", false)]
    [InlineData("-1", false)]
    [InlineData("+1760000000", false)]
    [InlineData("1760000000.5", false)]
    [InlineData("1e9", false)]
    [InlineData(" 1760000000", false)]
    [InlineData("999999999999", false)]
    [InlineData("9999999999999999999999", false)]
    [InlineData("１７６０００００００", false)]
    public void FromHeader_DigitsOnly_AreRead(string header, bool read) => Assert.Equal(read, RequestTimestamp.FromHeader(header).Problem is null);

    [Theory]
    [InlineData(-301, false)]
    [InlineData(-300, true)]
    [InlineData(300, true)]
    [InlineData(301, false)]
    public void IsWithin_TheLimit_IsStillGoodInBothDirections(int offset, bool within) =>
        Assert.Equal(within, RequestTimestamp.IsWithin(1_760_000_000 + offset, 300, DateTimeOffset.FromUnixTimeMilliseconds(1_760_000_000_900)));

    private static JsonElement Body(string timestamp) => JsonElement.Parse($$"""{"timestamp":{{timestamp}}}""");
}
