using AuthPlatform.Data.Auth;
using AuthPlatform.TokenApi.Requests;
using Application = AuthPlatform.TokenApi.Requests.Application;
using ApplicationSecret = AuthPlatform.TokenApi.Requests.ApplicationSecret;

namespace AuthPlatform.UnitTests.Requests;

/// <summary>Applications as requests find them.</summary>
internal static class Applications
{
    public static Application With(params ApplicationSecret[] secrets) => new()
    {
        Id = Guid.CreateVersion7(),
        ClientId = "shop",
        Issuer = "https://auth.example.com/auth/shop",
        Enabled = true,
        MinimumSignatureVersion = 2,
        AllowedAddresses = new AddressAllowList([]),
        Secrets = secrets,
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
