using AuthPlatform.TokenApi.Requests;
using AuthPlatform.TokenApi.Tokens;
using AuthPlatform.UnitTests.Requests;

namespace AuthPlatform.UnitTests.Tokens;

public sealed class AccessExpiryTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Application Application = Applications.With() with { AccessLifetime = TimeSpan.FromSeconds(3600) };

    /// <summary>Those that are issued together, after a roll-out say, are not all refreshed together.</summary>
    [Fact]
    public void Expiry_OfTokensThatAreIssuedTogether_DiffersByUpToATwentieth()
    {
        var lives = Enumerable.Range(0, 200).Select(_ => (int)(TokenSigner.AccessExpiry(Application, Now, Now.AddDays(1)) - Now).TotalSeconds).ToList();

        Assert.All(lives, seconds => Assert.InRange(seconds, 3420, 3600));
        Assert.InRange(lives.Distinct().Count(), 50, 181);
    }

    [Fact]
    public void Expiry_OfASessionThatEndsBefore_IsThatOfTheSession() =>
        Assert.Equal(Now.AddSeconds(90), TokenSigner.AccessExpiry(Application, Now, Now.AddSeconds(90)));
}
