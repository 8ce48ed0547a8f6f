using System.Security.Cryptography;
using System.Text;
using AuthPlatform.AdminWeb.Components;
using AuthPlatform.Contracts.Addresses;

namespace AuthPlatform.AdminWeb.Sessions;

/// <summary>What sessions are looked for. Everything is compared as a whole, so that a million of them are searched by an index.</summary>
internal sealed record SessionSearch
{
    public SessionSearch(string? user, string? device, string? ip, string? session, string? app, string? key)
    {
        (User, Device) = (Criterion.ReadExactly(user), Criterion.ReadExactly(device));
        (Session, App, Key) = (Criterion.Read(session), Criterion.Read(app), Criterion.Read(key));
        Ip = Criterion.Read(ip);
        Ip = IpAddressText.Canonical(Ip) ?? Ip;
    }

    public string? User { get; }

    public string? Device { get; }

    public string? Ip { get; }

    public string? Session { get; }

    public string? App { get; }

    /// <summary>The <c>kid</c> that signed the newest access token. Only within an application: every key is of one.</summary>
    public string? Key { get; }

    public bool IsNarrowed => (User ?? Device ?? Ip ?? Session ?? App ?? Key) is not null;

    public bool LacksApplication => Key is not null && App is null;

    public Guid? SessionId => Guid.TryParse(Session, out var id) ? id : null;

    public byte[]? DeviceHash => Device is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(Device));

    /// <summary>The search that stands in the query of an address. Not bound: that would take a user whose name is a space for none.</summary>
    public static SessionSearch Of(IQueryCollection query) => new(query["user"], query["device"], query["ip"], query["session"], query["app"], query["key"]);

    /// <summary>The search as the query of an address.</summary>
    public Dictionary<string, string> ToRoute() =>
        new (string Name, string? Value)[] { ("user", User), ("device", Device), ("ip", Ip), ("session", Session), ("app", App), ("key", Key) }
            .Where(p => p.Value is not null)
            .ToDictionary(p => p.Name, p => p.Value!);
}
