using AuthPlatform.Data.Keys;
using AuthPlatform.KeyManager.Keys;
using static AuthPlatform.UnitTests.KeyManager.SigningKeys;

namespace AuthPlatform.UnitTests.KeyManager;

public sealed class KeyPolicyTests
{
    /// <summary>A second, in days.</summary>
    private const double Second = 1.0 / 86_400;

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
    [InlineData("Retired", -20, 1, 1.0, null)]
    public void StateOf_Timestamps_GiveTheState(string expected, int? activated, int? superseded, double? expires, int? revoked)
    {
        var state = KeyPolicy.StateOf(Key(activated: activated, superseded: superseded, expires: expires, revoked: revoked), Now);
        Assert.Equal(Enum.Parse<KeyState>(expected), state);
        Assert.Equal(expected is "Next" or "Active" or "Retiring", KeyPolicy.IsPublished(state));
    }

    [Fact]
    public void Plan_NoKeys_CreatesBoth() => Assert.Equal(new KeyPlan(null, null, null, CreateActive: true, CreateNext: true), Plan([]));

    [Fact]
    public void Plan_OnlyKeysThatAreOver_CreatesBoth() =>
        Assert.Equal(
            new KeyPlan(null, null, null, CreateActive: true, CreateNext: true),
            Plan([Key(activated: -20, superseded: -5, expires: -1), Key(activated: -10, revoked: -1), Key(revoked: -1)]));

    [Fact]
    public void Plan_ActiveOnly_CreatesNext() => Assert.Equal(new KeyPlan(null, null, null, CreateActive: false, CreateNext: true), Plan([Key(activated: -10)]));

    /// <summary>However overdue: a key that nobody has seen must not sign.</summary>
    [Fact]
    public void Plan_OldActiveOnly_OnlyAnnounces() => Assert.Equal(new KeyPlan(null, null, null, CreateActive: false, CreateNext: true), Plan([Key(activated: -400)]));

    /// <summary>Clients know the next key already; a new one they would meet unprepared.</summary>
    [Fact]
    public void Plan_NextOnly_PromotesItAndCreatesAnother()
    {
        var next = Key();
        Assert.Equal(new KeyPlan(null, null, next, CreateActive: false, CreateNext: true), Plan([next, Key(activated: -10, revoked: -1)]));
    }

    /// <summary>By the days at which the active key was activated and the next announced; rotate every 90, announce 14.</summary>
    [Theory]
    [InlineData(0.0, 0.0, false)]
    [InlineData(-89.9, -89.9, false)]
    [InlineData(-90 + Second, -90.0, false)]
    [InlineData(-90.0, -90.0, true)]
    [InlineData(-90.0, -14.0, true)]
    // Announced late, after a revocation for instance: it waits until everybody has seen it.
    [InlineData(-90.0, -14 + Second, false)]
    [InlineData(-400.0, -13.0, false)]
    // A worker that slept for 200 days.
    [InlineData(-200.0, -200.0, true)]
    // A replica whose clock is ahead wrote these; one whose clock was set to the wrong year.
    [InlineData(0.01, 0.01, false)]
    [InlineData(-90.0, 0.01, false)]
    [InlineData(365.0, -100.0, false)]
    public void Plan_ActiveAndNextByAge_RotatesWhenBothAreOldEnough(double activated, double announced, bool rotates)
    {
        var (active, next) = (Key(activated: activated), Key(created: announced));
        var plan = Plan([active, next]);
        Assert.Equal(rotates ? new KeyPlan(active, Now.AddDays(14), next, CreateActive: false, CreateNext: true) : KeyPlan.Nothing, plan);
    }

    /// <summary>One step at a time: after the sleep each new key is announced for as long as any other.</summary>
    [Fact]
    public void Plan_TickAfterA200DaySleep_IsNothing() =>
        Assert.True(Plan([Key(created: -200, activated: 0), Key(created: 0), Key(created: -200, activated: -200, superseded: 0, expires: 14)]).IsNothing);

    [Fact]
    public void Plan_ClockSetBack_TakesNothingBack()
    {
        var keys = new[] { Key(activated: -90), Key(created: -90) };
        Assert.False(KeyPolicy.Plan(Now, keys, Settings, null).IsNothing);
        (keys[0].SupersededAt, keys[0].ExpiresAt, keys[1].ActivatedAt) = (Now, Now.AddDays(14), Now);
        Assert.True(KeyPolicy.Plan(Now.AddDays(-30), [.. keys, Key(created: 0)], Settings, null).IsNothing);
    }

    [Fact]
    public void Plan_SettingsChangedBetweenTicks_CountFromTheSameTimestamps()
    {
        SigningKey[] keys = [Key(activated: -40), Key(created: -40)];
        Assert.True(Plan(keys).IsNothing);
        var shorter = Settings with { RotateEvery = TimeSpan.FromDays(30), Retain = TimeSpan.FromDays(2) };
        Assert.Equal(Now.AddDays(2), KeyPolicy.Plan(Now, keys, shorter, null).SupersededUntil);
        var longerAnnounced = shorter with { RotateEvery = TimeSpan.FromDays(60), Announce = TimeSpan.FromDays(50) };
        Assert.True(KeyPolicy.Plan(Now, keys, longerAnnounced, null).IsNothing);
        // What was written down stays: a retiring key leaves when it was said to.
        Assert.Equal(KeyState.Retiring, KeyPolicy.StateOf(Key(activated: -80, superseded: -40, expires: 1), Now));
    }

    [Theory]
    [InlineData(1.0, false, 0)]
    [InlineData(0.0, true, 2)]
    [InlineData(-3.0, true, 2)]
    public void Plan_RotationAskedFor_HappensWhenDueWithItsOwnRetention(double due, bool rotates, int retained)
    {
        var pending = new PendingRotation(Now.AddDays(due), TimeSpan.FromDays(2));
        var plan = KeyPolicy.Plan(Now, [Key(activated: -1), Key(created: -1)], Settings, pending);
        Assert.Equal((rotates, rotates ? Now.AddDays(retained) : null), (!plan.IsNothing, plan.SupersededUntil));
    }

    [Fact]
    public void RotatesAt_ActiveAndNext_IsTheLaterOfBothOrTheEarlierRequest()
    {
        SigningKey[] keys = [Key(activated: -10), Key(created: -3)];
        Assert.Equal(Now.AddDays(80), KeyPolicy.RotatesAt(Now, keys, Settings, null));
        Assert.Equal(Now.AddDays(11), KeyPolicy.RotatesAt(Now, keys, Settings with { RotateEvery = TimeSpan.FromDays(15) }, null));
        Assert.Equal(Now.AddDays(1), KeyPolicy.RotatesAt(Now, keys, Settings, new PendingRotation(Now.AddDays(1), TimeSpan.Zero)));
        Assert.Null(KeyPolicy.RotatesAt(Now, [keys[0]], Settings, null));
    }

    /// <summary>The first two keys are in every JWKS there ever was; a later one is missing in copies from before.</summary>
    [Fact]
    public void KnownToAllAt_OfANextKey_IsOneMaxAgeAfterItsAnnouncementUnlessItWasThereFromTheStart()
    {
        var next = Key(created: 0);
        Assert.Equal(Now, KeyPolicy.KnownToAllAt(next, [next, Key(created: 0, activated: 0)], Settings));
        Assert.Equal(Now.AddSeconds(300), KeyPolicy.KnownToAllAt(next, [next, Key(created: -1, activated: 0)], Settings));
        Assert.Equal(Now.AddSeconds(5), KeyPolicy.KnownToAllAt(next, [next, Key(created: -1, activated: 0)], Settings with { Announce = TimeSpan.FromSeconds(5) }));
    }

    private static KeyPlan Plan(IReadOnlyCollection<SigningKey> keys) => KeyPolicy.Plan(Now, keys, Settings, null);
}
