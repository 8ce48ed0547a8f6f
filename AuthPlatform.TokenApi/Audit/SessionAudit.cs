using System.Net;
using AuthPlatform.Data.Auth;
using Application = AuthPlatform.TokenApi.Requests.Application;

namespace AuthPlatform.TokenApi.Audit;

/// <summary>Makes the events of what an application does with its sessions, tokens and keys.</summary>
/// <param name="Application">The application that did it.</param>
/// <param name="Address">Where its request came from.</param>
/// <param name="Now">When.</param>
internal readonly record struct SessionAudit(Application Application, IPAddress? Address, DateTimeOffset Now)
{
    public AuditEvent Session(string kind, Guid sessionId, string uniqueKey, string? code = null) => Event(kind, sessionId, uniqueKey, code, details: null);

    /// <summary>A session that ended, under the name of the reason.</summary>
    public AuditEvent Ended(EndedSession session) => Session(session.Reason, session.Id, session.UniqueKey);

    /// <summary>A token that has no session.</summary>
    public AuditEvent Token(string kind, Guid tokenId) => Event(kind, null, null, null, $$"""{"token_id":"{{tokenId}}"}""");

    /// <summary>The next key took over; the ids of keys are letters, digits and dashes.</summary>
    public AuditEvent KeyRotated(string oldKid, string newKid, bool isRepeated) =>
        Event(AuditKinds.KeyRotated, null, null, isRepeated ? AuditKinds.Repeated : null, $$"""{"old_kid":"{{oldKid}}","new_kid":"{{newKid}}"}""");

    private AuditEvent Event(string kind, Guid? sessionId, string? uniqueKey, string? code, string? details) => new()
    {
        OccurredAt = Now,
        Id = Guid.CreateVersion7(Now),
        ApplicationId = Application.Id,
        ClientId = Application.ClientId,
        Kind = kind,
        Code = code,
        SessionId = sessionId,
        UniqueKey = uniqueKey,
        Address = Address is null ? null : IpAddressText.Unmap(Address).ToString(),
        Details = details,
    };
}
