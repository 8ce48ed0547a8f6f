using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Encryption;

namespace AuthPlatform.UnitTests.Data;

public sealed class ApplicationRulesTests
{
    public static TheoryData<string, Action<Application>, string> Refused => new()
    {
        { nameof(Application.Name), a => a.Name = " ", "1 to 200 characters" },
        { nameof(Application.Name), a => a.Name = "two\nlines", "control characters" },
        { nameof(Application.MinimumSignatureVersion), a => a.MinimumSignatureVersion = 3, "1 or 2, not 3" },
        { nameof(Application.AllowedIps), a => a.AllowedIps = [.. Enumerable.Repeat("192.0.2.1", 201)], "at most 200 entries, not 201" },
        { nameof(Application.AccessLifetimeSeconds), a => a.AccessLifetimeSeconds = 59, "60 to 3600 s, not 59 s" },
        { nameof(Application.AccessLifetimeSeconds), a => a.AccessLifetimeSeconds = 3601, "60 to 3600 s, not 3601 s" },
        { nameof(Application.RefreshIdleSeconds), a => a.RefreshIdleSeconds = a.RefreshAbsoluteSeconds + 1, "at most its longest life (2592000 s)" },
        { nameof(Application.RefreshAbsoluteSeconds), a => a.RefreshAbsoluteSeconds = 367 * 86_400, "366 days" },
        { nameof(Application.RefreshFormat), a => a.RefreshFormat = "xml", "opaque or jwt, not 'xml'" },
        { nameof(Application.ClaimsProfile), a => a.ClaimsProfile = "", "rfc9068 or seed, not ''" },
        { nameof(Application.Audience), a => a.Audience = "", "1 to 512 characters" },
        { nameof(Application.ResourceServers), a => a.ResourceServers = [.. Enumerable.Range(0, 21).Select(i => $"api-{i}")], "at most 20 resource servers, not 21" },
        { nameof(Application.ResourceServers), a => a.ResourceServers = ["api", "api"], "named once" },
        { nameof(Application.ResourceServers), a => a.ResourceServers = [a.ClientId], "another application" },
        { nameof(Application.SessionScope), a => a.SessionScope = "device", "user_device_ip or user_device or user, not 'device'" },
        { nameof(Application.MaxSessionsPerUser), a => a.MaxSessionsPerUser = 0, "1 to 1000 sessions at once, not 0" },
        { nameof(Application.IpHandling), a => a.IpHandling = "hash", "store or truncate or ignore, not 'hash'" },
        { nameof(Application.DeviceHandling), a => a.DeviceHandling = "truncate", "store or ignore, not 'truncate'" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Check_OneThingWrong_SaysWhatAndTheLimits(string member, Action<Application> spoil, string says)
    {
        var application = New();
        spoil(application);
        var failure = Assert.Single(ApplicationRules.Check(application));
        Assert.Equal(member, failure.Member);
        Assert.Contains(says, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_NewApplication_FindsNothing() => Assert.Empty(ApplicationRules.Check(New()));

    private static Application New() =>
        ApplicationRegistration.NewApplication(NewCredentials.ClientId(), "A name", new EnvelopeCipher(["key-encryption-0123456789abcdef0123456789"]), TimeProvider.System.GetUtcNow());
}
