using AuthPlatform.KeyManager.Keys;
using static AuthPlatform.UnitTests.KeyManager.SigningKeys;

namespace AuthPlatform.UnitTests.KeyManager;

/// <summary>What the log says of a change: what has happened, and nothing else.</summary>
public sealed class KeyChangeTextTests
{
    [Theory]
    [InlineData(14, "new signs from now on, old stays published until 2026-03-15T12:00:00Z, newest is announced")]
    [InlineData(0, "new signs from now on, old is refused from now on, newest is announced")]
    public void Rotation_OfKeys_NamesAllThree(int retainDays, string expected) =>
        Assert.Equal(expected, KeyChangeText.Of(new KeyPlan(Key("old", activated: -90), Now.AddDays(retainDays), Key("new"), CreateActive: false, CreateNext: true), "new", "newest", Now));

    [Fact]
    public void FirstKeys_OfAnApplication_AreNamed() =>
        Assert.Equal("first signs from now on, second is announced", KeyChangeText.Of(new KeyPlan(null, null, null, CreateActive: true, CreateNext: true), "first", "second", Now));

    [Fact]
    public void NextKey_ThatWasMissing_IsAllThatIsNamed() =>
        Assert.Equal("second is announced", KeyChangeText.Of(new KeyPlan(null, null, null, CreateActive: false, CreateNext: true), "first", "second", Now));
}
