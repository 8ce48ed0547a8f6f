using System.Security.Claims;
using AuthPlatform.AdminWeb.Audit;
using AuthPlatform.AdminWeb.Components;
using AuthPlatform.AdminWeb.Pages;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace AuthPlatform.AdminWeb.SignIn;

/// <summary>
/// Who is signed in where. The cookie holds the id of a row; who that is and what they may do is read anew for every request, so an ended session, a suspended
/// person and a role taken away count at once.
/// </summary>
internal sealed class AdministratorSessions(AuthDbContext database, IHttpContextAccessor accessor, IOptions<AdminOptions> options, TimeProvider clock, AccountAudit audit, SignInDelays delays)
{
    public const string Scheme = "Session";
    private const string SessionClaim = "sid";

    private HttpContext Context => accessor.HttpContext!;

    /// <summary>Begins a session with a new id, and ends the one that the browser had.</summary>
    public Task BeginAsync(Administrator administrator, string method, CancellationToken cancellationToken) => BeginAsync(administrator, method, clock.GetUtcNow(), cancellationToken);

    /// <summary>The same for somebody who has proved again who they are, or has a second factor now: it ends when the one before would have ended in any case.</summary>
    public Task RenewAsync(Administrator administrator, string method, CancellationToken cancellationToken) =>
        BeginAsync(administrator, method, Context.Administrator().SignedInAt, cancellationToken);

    /// <summary>Ends the browser's own session, and writes that down with it; also for whoever has closed the tab by then.</summary>
    public async Task EndPresentAsync()
    {
        if (Context.Features.Get<CurrentAdministrator>() is { } current)
        {
            await using var transaction = await database.Database.BeginTransactionAsync(CancellationToken.None);
            if (await Of(current).ExecuteDeleteAsync(CancellationToken.None) > 0)
            {
                audit.Add(AuditKinds.UserSignedOut, current.UserName);
                await database.SaveChangesAsync(CancellationToken.None);
                await transaction.CommitAsync(CancellationToken.None);
            }
        }

        await Context.SignOutAsync(Scheme);
    }

    /// <summary>Ends those of a person, but for one, and gives their number.</summary>
    public Task<int> EndAllAsync(Guid administratorId, Guid? except, CancellationToken cancellationToken) =>
        database.AdministratorSessions.Where(s => s.AdministratorId == administratorId && s.Id != except).ExecuteDeleteAsync(cancellationToken);

    /// <summary>Reads for one request who it is.</summary>
    public async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var cancellationToken = context.HttpContext.RequestAborted;
        if (Guid.TryParse(context.Principal?.FindFirstValue(SessionClaim), out var id) && await FindAsync(id, IsUse(context.Request), cancellationToken) is { } current)
        {
            context.HttpContext.Features.Set(current);
            context.ReplacePrincipal(current.ToPrincipal());
            return;
        }

        // The cookie stays: a new proof in another tab may have given the browser another one by now, which this answer would delete.
        context.RejectPrincipal();
    }

    /// <summary>Who a session belongs to; null, and the row is gone, when it has ended.</summary>
    /// <param name="id">The session.</param>
    /// <param name="isUse">Whether it goes on for that.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<CurrentAdministrator?> FindAsync(Guid id, bool isUse, CancellationToken cancellationToken) =>
        FindAsync(database.AdministratorSessions.Where(s => s.Id == id), isUse, cancellationToken);

    /// <summary>The same for whoever sent a request that takes long: a new proof may have given their session another id meanwhile.</summary>
    public Task<CurrentAdministrator?> FindAgainAsync(CurrentAdministrator current, CancellationToken cancellationToken) => FindAsync(Of(current), isUse: true, cancellationToken);

    private async Task<CurrentAdministrator?> FindAsync(IQueryable<AdministratorSession> found, bool isUse, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var row = await (
            from session in found
            join administrator in database.Administrators on session.AdministratorId equals administrator.Id
            where administrator.SuspendedAt == null
            select new
            {
                session.LastSeenAt,
                Current = new CurrentAdministrator(
                    administrator.Id,
                    administrator.UserName,
                    administrator.Roles,
                    administrator.ApprovedAt != null,
                    session.Id,
                    session.Method != SignInMethods.Password,
                    session.VerifiedAt,
                    session.CreatedAt),
            }).AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        if (row is null
            || !Age.IsWithin(row.LastSeenAt, TimeSpan.FromMinutes(options.Value.IdleMinutes), now)
            || !Age.IsWithin(row.Current.SignedInAt, TimeSpan.FromHours(options.Value.SessionHours), now))
        {
            await found.ExecuteDeleteAsync(cancellationToken);
            return null;
        }

        if (isUse && now - row.LastSeenAt > TimeSpan.FromMinutes(1))
        {
            await found.ExecuteUpdateAsync(set => set.SetProperty(s => s.LastSeenAt, now), cancellationToken);
        }

        return row.Current;
    }

    private async Task BeginAsync(Administrator administrator, string method, DateTimeOffset signedInAt, CancellationToken cancellationToken)
    {
        // One ends as the other begins, in the transaction that a code was used up in, if one was: that is gone with the beginning or not at all. The person's row is locked first,
        // as by whoever suspends them: they do not wait for each other.
        await using var transaction = database.Database.CurrentTransaction ?? await database.Database.BeginTransactionAsync(cancellationToken);
        var now = clock.GetUtcNow();
        var session = new AdministratorSession
        {
            Id = Guid.CreateVersion7(now),
            AdministratorId = administrator.Id,
            Method = method,
            CreatedAt = signedInAt,
            LastSeenAt = now,
            VerifiedAt = now,
            Address = Context.CallerAddress() ?? "",
            UserAgent = Criterion.Cut(string.Concat(Context.Request.Headers.UserAgent.ToString().Where(c => !char.IsControl(c))), 256),
        };
        database.AdministratorSessions.Add(session);
        administrator.LastSignInAt = now;
        audit.Add(AuditKinds.UserSignedIn, administrator, new { Method = method });
        await database.SaveChangesAsync(cancellationToken);
        if (Context.Features.Get<CurrentAdministrator>() is { } current)
        {
            await Of(current).Where(s => s.Id != session.Id).ExecuteDeleteAsync(cancellationToken);
        }

        if (method != SignInMethods.Password)
        {
            await delays.RememberAsync(administrator, Context.Connection.RemoteIpAddress, cancellationToken);
        }

        // From here on nothing may fail: the browser has to get the cookie.
        await transaction.CommitAsync(CancellationToken.None);
        await Context.SignInAsync(Scheme, new ClaimsPrincipal(new ClaimsIdentity([new Claim(SessionClaim, session.Id.ToString())], Scheme)));
    }

    /// <summary>The rows of a session: one, under whatever id.</summary>
    private IQueryable<AdministratorSession> Of(CurrentAdministrator current) =>
        database.AdministratorSessions.Where(s => s.AdministratorId == current.Id && s.CreatedAt == current.SignedInAt);

    /// <summary>
    /// What a script asks for again and again is no use: the overview on a screen that everybody has left would keep its session for hours. Whoever writes that into another
    /// address only shortens their own.
    /// </summary>
    private static bool IsUse(HttpRequest request) =>
        !HttpMethods.IsGet(request.Method) || !string.Equals(request.Query["handler"], IndexModel.Live, StringComparison.OrdinalIgnoreCase);
}
