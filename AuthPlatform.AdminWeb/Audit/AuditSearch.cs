using System.Globalization;
using AuthPlatform.AdminWeb.Components;
using AuthPlatform.Contracts.Addresses;

namespace AuthPlatform.AdminWeb.Audit;

/// <summary>Which events are looked for. Everything but times is compared as a whole, so that millions of events are searched by an index.</summary>
internal sealed record AuditSearch
{
    /// <summary>How an <c>input type="datetime-local"</c> writes a time; with seconds when there are some.</summary>
    private static readonly string[] Formats = ["yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss"];

    public AuditSearch(string? kind, string? app, string? actor, string? address, string? user, string? session, string? from, string? to, TimeZoneInfo zone)
    {
        (Kind, App, Actor, Address) = (Criterion.Read(kind), Criterion.Read(app), Criterion.Read(actor), Criterion.Read(address));
        (User, Session) = (Criterion.ReadExactly(user), Criterion.Read(session));
        Address = IpAddressText.Canonical(Address) ?? Address;
        (FromText, ToText) = (Criterion.Read(from), Criterion.Read(to));
        (From, To) = (Moment(FromText, zone), Moment(ToText, zone));
    }

    public string? Kind { get; }

    public string? App { get; }

    public string? Actor { get; }

    public string? Address { get; }

    public string? User { get; }

    public string? Session { get; }

    public string? FromText { get; }

    public string? ToText { get; }

    /// <summary>From then on.</summary>
    public DateTimeOffset? From { get; }

    /// <summary>Before then.</summary>
    public DateTimeOffset? To { get; }

    public bool IsNarrowed => (Kind ?? App ?? Actor ?? Address ?? User ?? Session ?? FromText ?? ToText) is not null;

    public Guid? SessionId => Guid.TryParse(Session, out var id) ? id : null;

    /// <summary>Whether nothing can be found: what is looked for as a session is the id of none.</summary>
    public bool IsImpossible => Session is not null && SessionId is null;

    /// <summary>The search as the query of an address.</summary>
    public Dictionary<string, string> ToRoute() =>
        new (string Name, string? Value)[] { ("kind", Kind), ("app", App), ("actor", Actor), ("address", Address), ("user", User), ("session", Session), ("from", FromText), ("to", ToText) }
            .Where(p => p.Value is not null)
            .ToDictionary(p => p.Name, p => p.Value!);

    /// <summary>In the zone of whoever asks. A time that a change of the clocks left out is what it would be without the change.</summary>
    private static DateTimeOffset? Moment(string? text, TimeZoneInfo zone)
    {
        if (!DateTime.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local) || local.Year is < 1970 or > 9000)
        {
            return null;
        }

        return new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
    }
}
