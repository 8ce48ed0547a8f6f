using System.Net;
using System.Text;
using AuthPlatform.AdminWeb.SignIn;

namespace AuthPlatform.UnitTests.AdminWeb;

/// <summary>What passwords and codes are like.</summary>
public sealed class SignInRulesTests
{
    /// <summary>RFC 6238, appendix B, the last six digits.</summary>
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void Code_AtTheTimesOfTheRfc_IsThatOfTheRfc(long time, string expected) =>
        Assert.Equal(expected, Totp.Code(Encoding.ASCII.GetBytes("12345678901234567890"), time / 30));

    [Theory]
    [InlineData(-60, false)]
    [InlineData(-30, true)]
    [InlineData(30, true)]
    [InlineData(60, false)]
    public void Code_OfAClockThatIsOff_CountsWithinOneStep(int seconds, bool counts)
    {
        var secret = new byte[20];
        var now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_015);

        Assert.Equal(counts, Totp.FindStep(secret, Totp.Code(secret, now.AddSeconds(seconds).ToUnixTimeSeconds() / 30), now) is not null);
    }

    [Theory]
    [InlineData("password1234")]
    [InlineData("Password123!")]
    [InlineData("qwertyuiop123")]
    [InlineData("dragondragon")]
    [InlineData("aaaaaaaaaaaaaa")]
    [InlineData("abcabcabcabc")]
    [InlineData("123456789012")]
    public void Password_ThatManyHave_IsCommon(string password) => Assert.True(CommonPasswords.IsCommon(password));

    [Theory]
    [InlineData("a sentence that is long")]
    [InlineData("vT7#qLz0mWx2")]
    [InlineData("나는 매일 아침 커피를 마신다")]
    public void Password_OfOnesOwn_IsNotCommon(string password) => Assert.False(CommonPasswords.IsCommon(password));

    [Theory]
    [InlineData("198.51.100.7", "::ffff:198.51.100.7", true)]
    [InlineData("198.51.100.7", "198.51.100.8", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("fe80::1%3", "fe80::2%4", true)]
    [InlineData("0.0.0.1", "::1", false)]
    public void Network_OfTwoGuesses_IsTheSameWithinOneCustomersNetwork(string one, string other, bool same) =>
        Assert.Equal(same, SignInDelays.NetworkOf(IPAddress.Parse(one)) == SignInDelays.NetworkOf(IPAddress.Parse(other)));

    [Fact]
    public void RecoveryCode_TypedByHand_NeedsNoDashesOrCase()
    {
        var codes = RecoveryCodes.Make();

        Assert.Equal(RecoveryCodes.Count, codes.Distinct().Count());
        Assert.Equal(RecoveryCodes.Hash(codes[0]), RecoveryCodes.Hash($" {codes[0].ToUpperInvariant().Replace('-', ' ')}"));
    }
}
