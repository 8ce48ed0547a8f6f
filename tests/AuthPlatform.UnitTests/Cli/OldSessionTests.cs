using AuthPlatform.Cli.Import;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Encryption;
using AuthPlatform.TokenApi.Sessions;
using AuthPlatform.UnitTests.Requests;

namespace AuthPlatform.UnitTests.Cli;

public sealed class OldSessionTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddYears(50);

    [Theory]
    [InlineData(IpHandlings.Store, DeviceHandlings.Store)]
    [InlineData(IpHandlings.Truncate, DeviceHandlings.Store)]
    [InlineData(IpHandlings.Ignore, DeviceHandlings.Store)]
    [InlineData(IpHandlings.Truncate, DeviceHandlings.Ignore)]
    [InlineData(IpHandlings.Ignore, DeviceHandlings.Ignore)]
    public void KeptBy_AnyHandling_KeepsWhatIsKeptOfASignInThere(string ipHandling, string deviceHandling)
    {
        var application = ApplicationRegistration.NewApplication("shop", "Shop", new EnvelopeCipher(["key-encryption-0123456789abcdef0123456789"]), Now);
        (application.IpHandling, application.DeviceHandling) = (ipHandling, deviceHandling);
        var signsIn = Applications.With() with { IpHandling = ipHandling, KeepsDevice = deviceHandling == DeviceHandlings.Store };
        var token = new OldToken("k", Now, Now, "user");
        foreach (var ip in new[] { "", "203.0.113.7", "2001:db8:1:2:3:4:5:6" })
        {
            var kept = new OldSession("here", "shop", "user", "phone", ip, "access", token, "refresh", token).KeptBy(application);

            Assert.Equal(UserPlace.Kept(signsIn, "phone", ip), new UserPlace(kept.Device, kept.Ip));
        }
    }
}
