using AuthPlatform.AdminWeb.Audit;
using AuthPlatform.AdminWeb.SignIn;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.AdminWeb.Users;

/// <summary>Changes a person together with the audit of it, in one transaction.</summary>
internal sealed class UserChange(AuthDbContext database, UserManager<Administrator> users, AdministratorSessions sessions, SetupLinks links, AccountAudit audit, IHttpContextAccessor accessor)
{
    /// <summary>False when somebody else changed the person, or the one who asks, meanwhile.</summary>
    public Task<bool> SaveAsync(Administrator person, string kind, object? details, CancellationToken cancellationToken) => ChangeAsync(
        person,
        kind,
        details,
        async () =>
        {
            if (kind is AuditKinds.UserRolesChanged or AuditKinds.UserSuspended)
            {
                // Whoever may do more, or less, than before goes on under a new session id; and no cookie from before a suspension is good again after it.
                await sessions.EndAllAsync(person.Id, null, cancellationToken);
            }

            return true;
        },
        cancellationToken);

    /// <summary>Gives a person a new set-up link, which replaces those before; null when somebody else changed the person meanwhile.</summary>
    public Task<string?> MakeLinkAsync(Administrator person, string kind, object? details, CancellationToken cancellationToken) =>
        ChangeAsync(person, kind, details, () => links.MakeAsync(person.Id, cancellationToken), cancellationToken);

    /// <summary>
    /// Takes a person's password, second factors and approval away, ends their sessions, and gives them a link to set up new ones. Whoever uses the link waits for
    /// somebody to look who it was.
    /// </summary>
    public Task<string?> ResetAsync(Administrator person, CancellationToken cancellationToken)
    {
        AdministratorReset.Clear(person);
        person.ApprovedAt = null;
        return ChangeAsync(
            person,
            AuditKinds.UserFactorReset,
            null,
            async () =>
            {
                await AdministratorReset.ClearOthersAsync(database, person.Id, cancellationToken);
                return await links.MakeAsync(person.Id, cancellationToken);
            },
            cancellationToken);
    }

    /// <summary>Writes the person as it is now, then the rest; nothing of it, and the default, when somebody else was there meanwhile.</summary>
    private async Task<T?> ChangeAsync<T>(Administrator person, string kind, object? details, Func<Task<T>> rest, CancellationToken cancellationToken)
    {
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        if (!await HoldAsync(cancellationToken) || !await WriteAsync(person, kind, details))
        {
            return default;
        }

        var result = await rest();
        await transaction.CommitAsync(cancellationToken);
        return result;
    }

    /// <summary>
    /// Lets one such change happen at a time, and only while the one who asks may still do it: two administrators who suspend or reset each other at once would leave none.
    /// </summary>
    private async Task<bool> HoldAsync(CancellationToken cancellationToken)
    {
        var me = accessor.HttpContext!.Administrator();
        await database.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtext('administrators'))", cancellationToken);
        var present = await database.Administrators.AsNoTracking()
            .Where(a => a.Id == me.Id && a.SuspendedAt == null && a.ApprovedAt != null)
            .Select(a => a.Roles)
            .SingleOrDefaultAsync(cancellationToken);
        return present is not null && present.Order(StringComparer.Ordinal).SequenceEqual(me.Roles.Order(StringComparer.Ordinal));
    }

    private async Task<bool> WriteAsync(Administrator person, string kind, object? details)
    {
        var facts = new Dictionary<string, object?> { ["User"] = person.UserName };
        if (details is not null)
        {
            facts["Roles"] = details;
        }

        audit.Add(kind, accessor.HttpContext!.Administrator().UserName, facts);
        var isNew = database.Entry(person).State == EntityState.Detached;
        return (isNew ? await users.CreateAsync(person) : await users.UpdateSecurityStampAsync(person)).Succeeded;
    }
}
