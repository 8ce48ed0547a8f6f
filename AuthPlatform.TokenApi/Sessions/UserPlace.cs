using System.Security.Cryptography;
using System.Text;
using AuthPlatform.TokenApi.Requests;

namespace AuthPlatform.TokenApi.Sessions;

/// <summary>Where a user signed in, as far as the application wants it kept; empty means unknown.</summary>
/// <param name="Device">The device as the application describes it.</param>
/// <param name="Ip">The address in its canonical form, or the network it is in.</param>
internal sealed record UserPlace(string Device, string Ip)
{
    /// <summary>What stands in the index instead of the device.</summary>
    public byte[] DeviceHash => SHA256.HashData(Encoding.UTF8.GetBytes(Device));

    /// <summary>What the application wants kept of a device and an address.</summary>
    public static UserPlace Kept(Application application, string device, string ip) => new(
        application.KeepsDevice ? device : string.Empty,
        application.IpHandling switch
        {
            Data.Auth.IpHandlings.Ignore => string.Empty,
            Data.Auth.IpHandlings.Truncate when ip.Length > 0 => IpAddressText.Network(ip),
            _ => ip,
        });
}
