using System.Security.Cryptography;
using System.Text;
using AuthPlatform.KeyManager.Keys;
using Jose;

namespace AuthPlatform.UnitTests.KeyManager;

public sealed class SignerTests
{
    private const string Payload = """{"sub":"ü","n":1}""";

    // Making a pair takes long.
    private static readonly RSA Pair = RSA.Create(2048);

    [Theory]
    [InlineData("at+jwt")]
    [InlineData("rt+jwt")]
    [InlineData("JWT")]
    public void Sign_KnownType_IsReadByAnotherLibrary(string type)
    {
        var token = Sign(new Signer("20260301-kid", Pair), type);
        Assert.Equal(Payload, JWT.Decode(token, Pair, JwsAlgorithm.RS256));
        Assert.Equal($$"""{"alg":"RS256","kid":"20260301-kid","typ":"{{type}}"}""", Encoding.ASCII.GetString(Base64Url.Decode(token.Split('.')[0])));
    }

    [Theory]
    [InlineData("")]
    [InlineData("jwt")]
    [InlineData("at jwt")]
    [InlineData("application/at+jwt")]
    [InlineData("JWT\",\"x\":\"")]
    public void Takes_AnyOtherType_IsFalse(string type) => Assert.False(Signer.Takes(type));

    /// <summary>RS256 has one signature for each content: any interference between threads would give another.</summary>
    [Fact]
    public void Sign_ByManyThreads_GivesTheSameEveryTime()
    {
        var signer = new Signer("kid", Pair);
        var expected = Sign(signer, "JWT");
        Parallel.For(0, 500, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ => Assert.Equal(expected, Sign(signer, "JWT")));
    }

    private static string Sign(Signer signer, string type)
    {
        var payload = Encoding.UTF8.GetBytes(Payload);
        var token = new byte[signer.LengthOf(type, payload.Length)];
        signer.Sign(type, payload, token);
        return Encoding.ASCII.GetString(token);
    }
}
