using AuthPlatform.Data.Keys;
using AuthPlatform.KeyManager.Keys;
using static AuthPlatform.UnitTests.KeyManager.SigningKeys;

namespace AuthPlatform.UnitTests.KeyManager;

public sealed class KeyPolicyTests
{
    [Theory]
    [InlineData("Next", null, null, null, null)]
    [InlineData("Active", -10, null, null, null)]
    [InlineData("Retiring", -20, -5, 9.0, null)]
    [InlineData("Retiring", -20, -14, 0.00001, null)]
    [InlineData("Retired", -20, -14, 0.0, null)]
    [InlineData("Retired", -20, -15, -1.0, null)]
    [InlineData("Revoked", null, null, null, -1)]
    [InlineData("Revoked", -10, null, null, -1)]
    [InlineData("Revoked", -20, -5, 9.0, -1)]
    [InlineData("Revoked", -20, -15, -1.0, -1)]
    // Written down by a replica whose clock is ahead: facts, not appointments.
    [InlineData("Active", 1, null, null, null)]
    [InlineData("Retiring", -20, 1, 15.0, null)]
    [InlineData("Revoked", -20, null, null, 1)]
    public void StateOf_Timestamps_GiveTheState(string expected, int? activated, int? superseded, double? expires, int? revoked)
    {
        var state = KeyPolicy.StateOf(Key(activated: activated, superseded: superseded, expires: expires, revoked: revoked), Now);
        Assert.Equal(Enum.Parse<KeyState>(expected), state);
        Assert.Equal(expected is "Next" or "Active" or "Retiring", KeyPolicy.IsPublished(state));
    }

    [Fact]
    public void Plan_NoKeys_CreatesBoth() => Assert.Equal(new KeyPlan(null, CreateActive: true, CreateNext: true), KeyPolicy.Plan([], Now));

    [Fact]
    public void Plan_OnlyKeysThatAreOver_CreatesBoth() =>
        Assert.Equal(
            new KeyPlan(null, CreateActive: true, CreateNext: true),
            KeyPolicy.Plan([Key(activated: -20, superseded: -5, expires: 9), Key(activated: -10, revoked: -1), Key(revoked: -1)], Now));

    [Fact]
    public void Plan_ActiveOnly_CreatesNext() => Assert.Equal(new KeyPlan(null, CreateActive: false, CreateNext: true), KeyPolicy.Plan([Key(activated: -10)], Now));

    /// <summary>Clients know the next key already; a new one they would meet unprepared.</summary>
    [Fact]
    public void Plan_NextOnly_PromotesItAndCreatesAnother()
    {
        SigningKey next = Key();
        Assert.Equal(new KeyPlan(next, CreateActive: false, CreateNext: true), KeyPolicy.Plan([next, Key(activated: -10, revoked: -1)], Now));
    }

    [Fact]
    public void Plan_ActiveAndNext_IsNothing() => Assert.True(KeyPolicy.Plan([Key(), Key(activated: -10), Key(activated: -20, superseded: -10, expires: 4)], Now).IsNothing);
}
