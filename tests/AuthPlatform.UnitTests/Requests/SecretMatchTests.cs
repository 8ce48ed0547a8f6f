using System.Security.Cryptography;
using AuthPlatform.TokenApi.Requests;

namespace AuthPlatform.UnitTests.Requests;

public sealed class SecretMatchTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly byte[] Key = "secret-0123456789abcdef0123456789ab"u8.ToArray();
    private static readonly byte[] OtherKey = "another-0123456789abcdef0123456789a"u8.ToArray();

    /// <summary>Nobody can be asked while the database is away, and none is needed: the clock tells.</summary>
    [Theory]
    [InlineData(null, true)]
    [InlineData(1, true)]
    [InlineData(0, false)]
    [InlineData(-1, false)]
    public void Secret_ReadBeforeItExpired_CountsUntilThen(int? seconds, bool expected)
    {
        var secret = new ApplicationSecret(Guid.CreateVersion7(), Key, seconds is null ? null : Now.AddSeconds(seconds.Value));
        var application = Applications.With(secret);
        var signed = "{}"u8.ToArray();

        Assert.Equal(expected, SecretMatch.Find(application, Now, signed, [HMACSHA256.HashData(Key, signed)]).First is not null);
        Assert.Equal(expected, SecretMatch.FindPresented(application, Now, Key) is not null);
    }

    /// <summary>A client that is changing its secret signs with both, in whatever order; one of the two may be unknown here.</summary>
    [Fact]
    public void Secrets_ThatSigned_AreAllFoundWhateverStandsBefore()
    {
        var (first, second) = (new ApplicationSecret(Guid.CreateVersion7(), Key, null), new ApplicationSecret(Guid.CreateVersion7(), OtherKey, null));
        var application = Applications.With(first, second);
        var signed = "{}"u8.ToArray();
        var (byFirst, bySecond, byNobody) = (HMACSHA256.HashData(Key, signed), HMACSHA256.HashData(OtherKey, signed), HMACSHA256.HashData(new byte[32], signed));

        Assert.Equal((first, null), Find(byNobody, byFirst));
        Assert.Equal((second, null), Find(byNobody, bySecond));
        Assert.Equal((first, second), Find(byFirst, bySecond));
        Assert.Equal((first, second), Find(bySecond, byFirst));
        Assert.Equal((first, null), Find(byFirst, byFirst));
        Assert.Equal((null, null), Find(byNobody, byNobody));

        (ApplicationSecret? First, ApplicationSecret? Second) Find(params byte[][] signatures) => SecretMatch.Find(application, Now, signed, signatures);
    }

    /// <summary>What stands in for a secret that is not there is no secret.</summary>
    [Fact]
    public void Secret_OfAnApplicationWithoutALiveOne_IsNothingThatAnybodyKnows()
    {
        var expired = new ApplicationSecret(Guid.CreateVersion7(), Key, Now);
        var signed = "{}"u8.ToArray();
        foreach (var application in new[] { null, Applications.With(), Applications.With(expired), Applications.With(expired, expired) })
        {
            foreach (var key in (byte[][])[[], new byte[32], new byte[64], Key])
            {
                Assert.Null(SecretMatch.Find(application, Now, signed, [HMACSHA256.HashData(key, signed)]).First);
                Assert.Null(SecretMatch.FindPresented(application, Now, key));
            }
        }
    }
}
