using AuthPlatform.Contracts;

namespace AuthPlatform.UnitTests.KeyManager;

public sealed class ClientIdTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("0123456789")]
    [InlineData("A-b_9")]
    public void IsWellFormed_AllowedCharacters_IsTrue(string text) => Assert.True(ClientId.IsWellFormed(text));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a b")]
    [InlineData("a.b")]
    [InlineData("a/b")]
    [InlineData("a\n")]
    [InlineData("a\0")]
    [InlineData("ä")]
    [InlineData("٣")]
    public void IsWellFormed_AnythingElse_IsFalse(string text) => Assert.False(ClientId.IsWellFormed(text));

    [Fact]
    public void IsWellFormed_Length_IsAtMost64()
    {
        Assert.True(ClientId.IsWellFormed(new string('a', 64)));
        Assert.False(ClientId.IsWellFormed(new string('a', 65)));
    }
}
