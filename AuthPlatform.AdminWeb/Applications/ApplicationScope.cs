using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.Data.Auth;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.AdminWeb.Applications;

/// <summary>The applications that a search is about.</summary>
/// <param name="Ids">Their ids; null for all there are, which is also what belongs to none.</param>
internal sealed record ApplicationScope(Guid[]? Ids)
{
    private static readonly ApplicationScope All = new(Ids: null);

    public bool IsEmpty => Ids is { Length: 0 };

    /// <summary>Those that somebody may look at, narrowed to one when a client id is given.</summary>
    public static Task<ApplicationScope> VisibleAsync(AuthDbContext database, CurrentAdministrator current, string? clientId, CancellationToken cancellationToken) =>
        clientId is null && current.SeesAll()
            ? Task.FromResult(All)
            : OfAsync(database.Applications.VisibleTo(database, current), clientId, cancellationToken);

    /// <summary>Those that somebody may change, narrowed to one when a client id is given.</summary>
    public static Task<ApplicationScope> ChangeableAsync(AuthDbContext database, CurrentAdministrator current, string? clientId, CancellationToken cancellationToken) =>
        clientId is null && current.ManagesAll()
            ? Task.FromResult(All)
            : OfAsync(database.Applications.ChangeableBy(database, current), clientId, cancellationToken);

    private static async Task<ApplicationScope> OfAsync(IQueryable<Application> applications, string? clientId, CancellationToken cancellationToken) =>
        new(await applications.Where(a => clientId == null || a.ClientId == clientId).Select(a => a.Id).ToArrayAsync(cancellationToken));
}
