using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;

namespace AuthPlatform.AdminWeb.Audit;

/// <summary>Writes down what people do that is about no application: with their own sign-in, with other people, with the audit itself. The event is saved by whatever saves the change.</summary>
internal sealed class AccountAudit(AuthDbContext database, IHttpContextAccessor accessor, TimeProvider clock)
{
    public void Add(string kind, Administrator me, object? details = null) => Add(kind, me.UserName, details);

    public void Add(string kind, string userName, object? details = null) =>
        database.AuditEvents.Add(AuditTrail.Event(kind, userName, clock.GetUtcNow(), accessor.HttpContext!.CallerAddress(), details));
}
