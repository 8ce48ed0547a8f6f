using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace AuthPlatform.AdminWeb.SignIn;

/// <summary>
/// Links by which somebody sets up their sign-in: the first administrator, people who were invited, people whose second factor was reset. Each works once and
/// expires; the database has only the hash.
/// </summary>
internal sealed class SetupLinks(AuthDbContext database, IOptions<AdminOptions> options, TimeProvider clock)
{
    /// <summary>Makes a link that replaces those the person had.</summary>
    public async Task<string> MakeAsync(Guid administratorId, CancellationToken cancellationToken) =>
        SetupLink.Address(options.Value.PublicUrl, await SetupLink.ReplaceAsync(database, administratorId, clock.GetUtcNow(), cancellationToken));

    /// <summary>The link of a token while it works. Looking does not use it up: programs that preview links look, too.</summary>
    public Task<AdministratorLink?> FindAsync(string? token, CancellationToken cancellationToken)
    {
        var (hash, now) = (SetupLink.Hash(token ?? ""), clock.GetUtcNow());
        return database.AdministratorLinks.AsNoTracking()
            .Where(l => l.TokenHash == hash && l.ExpiresAt > now && (l.AdministratorId != null || !database.Administrators.Any()))
            .SingleOrDefaultAsync(cancellationToken);
    }

    /// <summary>
    /// Uses the link up; of several who do that at once, one gets true. There is one first administrator, however many links there are for that: the links are
    /// locked in one order, and whoever comes second finds none.
    /// </summary>
    public async Task<bool> UseAsync(AdministratorLink link, CancellationToken cancellationToken)
    {
        if (link.AdministratorId is null)
        {
            await database.Database.ExecuteSqlAsync($"SELECT 1 FROM administrator_links WHERE administrator_id IS NULL ORDER BY token_hash FOR UPDATE", cancellationToken);
            if (await database.Administrators.AnyAsync(cancellationToken))
            {
                return false;
            }
        }

        return await database.AdministratorLinks.Where(l => l.TokenHash == link.TokenHash).ExecuteDeleteAsync(cancellationToken) == 1;
    }
}
