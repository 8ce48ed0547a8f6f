using System.Security.Cryptography;
using AuthPlatform.Data.Auth;
using AuthPlatform.TokenApi.Requests;
using Application = AuthPlatform.TokenApi.Requests.Application;
using ApplicationSecret = AuthPlatform.TokenApi.Requests.ApplicationSecret;

namespace AuthPlatform.UnitTests.Requests;

public sealed class SecretMatchTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly byte[] Key = "secret-0123456789abcdef0123456789ab"u8.ToArray();

    /// <summary>Nobody can be asked while the database is away, and none is needed: the clock tells.</summary>
    [Theory]
    [InlineData(null, true)]
    [InlineData(1, true)]
    [InlineData(0, false)]
    [InlineData(-1, false)]
    public void Secret_ReadBeforeItExpired_CountsUntilThen(int? seconds, bool expected)
    {
        var secret = new ApplicationSecret(Guid.CreateVersion7(), Key, seconds is null ? null : Now.AddSeconds(seconds.Value));
        var application = With(secret);
        var signed = "{}"u8.ToArray();

        Assert.Equal(expected, SecretMatch.Find(application, Now, signed, [HMACSHA256.HashData(Key, signed)]) is not null);
        Assert.Equal(expected, SecretMatch.FindPresented(application, Now, Key) is not null);
    }

    private static Application With(ApplicationSecret secret) => new()
    {
        Id = Guid.CreateVersion7(),
        ClientId = "shop",
        Enabled = true,
        MinimumSignatureVersion = 2,
        AllowedAddresses = new AddressAllowList([]),
        Secrets = [secret],
        RefreshKey = [],
        AccessLifetime = TimeSpan.FromMinutes(5),
        RefreshIdleLifetime = TimeSpan.FromDays(1),
        RefreshAbsoluteLifetime = TimeSpan.FromDays(1),
        RefreshTokensAreJwt = false,
        UsesSeedProfile = false,
        Audience = "shop",
        ResourceServers = [],
        SessionScope = SessionScopes.User,
        MaxSessionsPerUser = 1,
        IpHandling = IpHandlings.Ignore,
        KeepsDevice = false,
    };
}
