using AuthPlatform.TokenApi.Requests;

namespace AuthPlatform.UnitTests.Requests;

public sealed class SignedRequestOptionsTests
{
    [Theory]
    [InlineData(30, 100)]
    [InlineData(300, 640)]
    [InlineData(900, 1840)]
    public void ReplayMemory_OfASkew_IsTwiceThatAndFortySeconds(int skewSeconds, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), new SignedRequestOptions { SkewSeconds = skewSeconds }.ReplayMemory);

    [Fact]
    public void ReplayMemory_ByDefault_IsThatOfFiveMinutes() => Assert.Equal(TimeSpan.FromSeconds(640), new SignedRequestOptions().ReplayMemory);
}
