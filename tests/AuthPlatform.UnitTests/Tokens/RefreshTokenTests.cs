using AuthPlatform.TokenApi.Tokens;

namespace AuthPlatform.UnitTests.Tokens;

public sealed class RefreshTokenTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly Guid Session = Guid.Parse("0199c7d4-0000-7000-8000-000000000001");

    [Fact]
    public void Create_SameSessionAndGeneration_GivesTheSameBytes() => Assert.Equal(RefreshToken.Create(Key, Session, 3), RefreshToken.Create(Key, Session, 3));

    [Fact]
    public void Create_AnyOtherInput_GivesAnotherProof()
    {
        var token = RefreshToken.Create(Key, Session, 3);
        Assert.NotEqual(Proof(token), Proof(RefreshToken.Create(Key, Session, 4)));
        Assert.NotEqual(Proof(token), Proof(RefreshToken.Create(Key, Guid.Parse("0199c7d4-0000-7000-8000-000000000002"), 3)));
        Assert.NotEqual(Proof(token), Proof(RefreshToken.Create([.. Key.Reverse()], Session, 3)));
    }

    /// <summary>The last 32 of the 52 bytes.</summary>
    private static string Proof(string token) => token[^42..];
}
