using System.Globalization;
using System.Security.Cryptography;
using AuthPlatform.TokenApi.Tokens;
using Microsoft.IdentityModel.Tokens;

namespace AuthPlatform.UnitTests.Tokens;

public sealed class ProvenTokensTests
{
    private const int Size = 4;

    private static readonly Proof Proven = new(new JwsShape("kid", "at+jwt", "access", "app", "issuer", null, null, []), new RsaSecurityKey(new RSAParameters { Modulus = [1], Exponent = [3] }), "audience");

    private readonly ProvenTokens _tokens = new(Size);

    [Theory]
    [InlineData("a.b.d")]
    [InlineData("a.b.c ")]
    [InlineData("a.b.C")]
    [InlineData("a.b.c\0")]
    [InlineData("a.b.ｃ")]
    [InlineData("")]
    public void Find_AnyOtherToken_GivesNothing(string other)
    {
        _tokens.Add("a.b.c", Proven);
        Assert.Same(Proven, _tokens.Find("a.b.c"));
        Assert.Null(_tokens.Find(other));
    }

    [Fact]
    public void Find_LongerThanATokenMayBe_GivesNothing()
    {
        var token = new string('a', JwsShape.MaxLength + 1);
        _tokens.Add(token, Proven);
        Assert.Null(_tokens.Find(token));
    }

    [Fact]
    public void Find_InUse_IsKeptWhileOthersComeAndGo()
    {
        _tokens.Add("used", Proven);
        for (var i = 0; i < 10 * Size; i++)
        {
            Assert.Same(Proven, _tokens.Find("used"));
            _tokens.Add(i.ToString(CultureInfo.InvariantCulture), Proven);
        }

        Assert.Null(_tokens.Find("0"));
    }

    [Fact]
    public void Add_ByManyThreads_KeepsNoMoreThanTwiceTheSize()
    {
        Parallel.For(0, 10_000, i => _tokens.Add(i.ToString(CultureInfo.InvariantCulture), Proven));
        // While the thread whose turn it is to make room was pushed aside, the others went on: what they left beyond the size goes with the next ones.
        foreach (var i in Enumerable.Range(10_000, 2 * Size))
        {
            _tokens.Add(i.ToString(CultureInfo.InvariantCulture), Proven);
        }

        Assert.InRange(Enumerable.Range(0, 10_000 + (2 * Size)).Count(i => _tokens.Find(i.ToString(CultureInfo.InvariantCulture)) is not null), 1, 2 * Size);
    }
}
