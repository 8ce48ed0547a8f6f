using System.Text.Json;
using AuthPlatform.Data.Keys;
using AuthPlatform.KeyManager.Keys;
using static AuthPlatform.UnitTests.KeyManager.SigningKeys;

namespace AuthPlatform.UnitTests.KeyManager;

public sealed class KeySetTests
{
    [Fact]
    public void Jwks_AllStates_HoldsThePublishedOnesNewestFirst()
    {
        var set = Create(
            Key("retired", -90, activated: -80, superseded: -50, expires: -1),
            Key("retiring-old", -60, activated: -50, superseded: -20, expires: 1),
            Key("active", -30, activated: -10),
            Key("revoked", -5, revoked: -1),
            Key("retiring-new", -40, activated: -20, superseded: -10, expires: 4),
            Key("next", -10));
        Assert.Equal(["next", "active", "retiring-new", "retiring-old"], Keys(set).Select(k => k.GetProperty("kid").GetString()));
        Assert.Equal(Now.AddDays(1), set.ChangesAt(Now));
        Assert.True(set.IsComplete);
    }

    [Fact]
    public void Jwks_OfAKey_HasNoOtherMembers()
    {
        var key = Assert.Single(Keys(Create(Generate(active: true))));
        Assert.Equal(["kty", "use", "alg", "kid", "n", "e"], key.EnumerateObject().Select(m => m.Name));
        Assert.Equal(("RSA", "sig", "RS256", "AQAB"), (Text(key, "kty"), Text(key, "use"), Text(key, "alg"), Text(key, "e")));
        Assert.Equal(342, Text(key, "n").Length);
    }

    [Fact]
    public void Jwks_SameKeys_HasTheSameETagWhateverTheirOrder()
    {
        var (next, active) = (Key("next"), Key("active", activated: -10));
        Assert.Equal(Create(next, active).Jwks!.ETag, Create(active, next).Jwks!.ETag);
        Assert.NotEqual(Create(next, active).Jwks!.ETag, Create(active).Jwks!.ETag);
        Assert.False(Create(next).Jwks!.ETag.IsWeak);
    }

    [Fact]
    public void Jwks_NothingToPublish_IsNoEmptySet()
    {
        var set = Create(Key("revoked", revoked: -1));
        Assert.Null(set.Jwks);
        Assert.Null(set.Signer);
        Assert.False(set.IsComplete);
    }

    [Fact]
    public void ChangesAt_RotationFirst_IsTheRotationUnlessItIsOverdue()
    {
        var set = Create(Key("active", activated: -89), Key("next"), Key("retiring", activated: -95, superseded: -89, expires: 5));
        Assert.Equal(Now.AddDays(1), set.ChangesAt(Now));
        Assert.Equal(Now.AddDays(5), set.ChangesAt(Now.AddDays(1)));
        Assert.False(set.NeedsWork(Now));
        Assert.True(set.NeedsWork(Now.AddDays(1)));
    }

    [Fact]
    public void IsStill_SameRows_IsTrueUntilAKeyLeavesOrAnythingChanges()
    {
        using var rsa = System.Security.Cryptography.RSA.Create(2048);
        SigningKey[] rows = [Key("active", activated: -10), Key("next"), Key("retiring", activated: -20, superseded: -10, expires: 4)];
        var keys = new ApplicationKeys(Settings, null, rows);
        var set = KeySet.Create(keys, key => new Signer(key.Kid, rsa), Now);

        Assert.True(set.IsStill(keys, Now));
        Assert.True(set.IsStill(keys with { Keys = [.. rows.Reverse()] }, Now));
        Assert.False(set.IsStill(keys, Now.AddDays(4)));
        Assert.False(set.IsStill(keys with { Settings = Settings with { KeySize = 4096 } }, Now));
        Assert.False(set.IsStill(keys with { Pending = new PendingRotation(Now, TimeSpan.Zero) }, Now));
        Assert.False(set.IsStill(keys with { Keys = rows[..2] }, Now));
        rows[1].ActivatedAt = Now;
        Assert.False(set.IsStill(keys, Now));
    }

    private static KeySet Create(params SigningKey[] keys) => KeySet.Create(new ApplicationKeys(Settings, null, keys), _ => null, Now);

    private static JsonElement[] Keys(KeySet set) => [.. JsonDocument.Parse(set.Jwks!.Json).RootElement.GetProperty("keys").EnumerateArray()];

    private static string Text(JsonElement key, string member) => key.GetProperty(member).GetString()!;
}
