using AuthPlatform.Contracts.Addresses;
using AuthPlatform.Data.Auth;

namespace AuthPlatform.Cli.Import;

/// <summary>One sign-in with its pair of tokens, of which the access token may have expired.</summary>
internal sealed record OldSession(string Place, string ClientId, string UniqueKey, string Device, string Ip, string AccessToken, OldToken Access, string RefreshToken, OldToken Refresh)
{
    /// <summary>With no more of device and address than the application keeps, as of a sign-in: one from there would not replace it otherwise.</summary>
    public OldSession KeptBy(Application application) => this with
    {
        Device = application.DeviceHandling == DeviceHandlings.Store ? Device : "",
        Ip = application.IpHandling switch
        {
            IpHandlings.Ignore => "",
            IpHandlings.Truncate when Ip.Length > 0 => IpAddressText.Network(Ip),
            _ => Ip,
        },
    };

    /// <summary>Without the tokens.</summary>
    public override string ToString() => Place;
}
