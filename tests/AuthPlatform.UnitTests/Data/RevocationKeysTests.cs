using AuthPlatform.Data.Auth;
using StackExchange.Redis;

namespace AuthPlatform.UnitTests.Data;

public sealed class RevocationKeysTests
{
    private static readonly Guid Session = Guid.Parse("0199c7d4-0000-7000-8000-000000000001");
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Replicas of two releases run side by side: these names are a contract between them.</summary>
    [Fact]
    public void Names_StayAsTheyAre() =>
        Assert.Equal(
            ["{revocations}:complete", "{revocations}:copying:0199c7d4000070008000000000000001", "{revocations}:0199c7d4000070008000000000000001", "{revocations}:0199c7d4000070008000000000000001:0", "{revocations}:0199c7d4000070008000000000000001:12"],
            ((RedisKey[])[RevocationKeys.Complete, RevocationKeys.Copying(Session), RevocationKeys.Of(Session, null), RevocationKeys.Of(Session, 0), RevocationKeys.Of(Session, 12)]).Select(k => k.ToString()));

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(30_000, false)]
    public void IsEffective_FromItsTimeOn(int milliseconds, bool expected) => Assert.Equal(expected, RevocationKeys.IsEffective(Now.AddMilliseconds(milliseconds).ToUnixTimeMilliseconds(), Now));

    [Fact]
    public void IsEffective_WithoutAValue_IsNot()
    {
        Assert.False(RevocationKeys.IsEffective(RedisValue.Null, Now));
        Assert.False(RevocationKeys.IsEffective("x", Now));
    }
}
