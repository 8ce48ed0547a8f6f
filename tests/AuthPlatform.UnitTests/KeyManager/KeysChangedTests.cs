using AuthPlatform.Contracts;

namespace AuthPlatform.UnitTests.KeyManager;

public sealed class KeysChangedTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("20260301-0199c7d4-0000-7000-8000-000000000001")]
    public void Message_WrittenAndRead_IsTheSame(string? revoked)
    {
        var change = new KeysChanged("app", 7, revoked);
        Assert.Equal(change, KeysChanged.Parse(change.ToMessage()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("7 app")]
    [InlineData("-7 app ")]
    [InlineData("x app ")]
    [InlineData("7 a/b ")]
    [InlineData("7 app kid more")]
    public void Parse_AnythingElse_IsNone(string? text) => Assert.Null(KeysChanged.Parse(text));
}
