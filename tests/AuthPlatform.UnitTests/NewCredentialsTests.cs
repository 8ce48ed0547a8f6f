using AuthPlatform.Contracts;

namespace AuthPlatform.UnitTests;

public sealed class NewCredentialsTests
{
    [Fact]
    public void ClientId_New_IsTwentyLowerCaseBase32Characters()
    {
        var id = NewCredentials.ClientId();
        Assert.Matches("^[a-z2-7]{20}$", id);
        Assert.True(ClientId.IsWellFormed(id));
        Assert.NotEqual(id, NewCredentials.ClientId());
    }

    [Fact]
    public void Secret_New_Holds256RandomBits()
    {
        var secret = NewCredentials.Secret();
        Assert.Matches("^cs_[A-Za-z0-9_-]{43}$", secret);
        Assert.True(NewCredentials.IsUsableSecret(secret));
        Assert.NotEqual(secret, NewCredentials.Secret());
    }

    [Theory]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", true)]
    [InlineData("0123456789abcdef0123456789abcde", false)]
    [InlineData("0123456789abcdef 0123456789abcdef", false)]
    [InlineData("0123456789abcdef0123456789abcdé0", false)]
    public void IsUsableSecret_FromElsewhere_NeedsLengthAndVisibleAscii(string secret, bool usable) => Assert.Equal(usable, NewCredentials.IsUsableSecret(secret));
}
