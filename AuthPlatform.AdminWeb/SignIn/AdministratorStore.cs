using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.AdminWeb.SignIn;

/// <summary>Where ASP.NET Core Identity finds administrators. Two who change one at once: the second is told so.</summary>
internal sealed class AdministratorStore(AuthDbContext database, IdentityErrorDescriber errors)
    : IUserPasswordStore<Administrator>, IUserSecurityStampStore<Administrator>, IUserPasskeyStore<Administrator>
{
    public Task<string> GetUserIdAsync(Administrator user, CancellationToken cancellationToken) => Task.FromResult(user.Id.ToString());

    public Task<string?> GetUserNameAsync(Administrator user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.UserName);

    public Task SetUserNameAsync(Administrator user, string? userName, CancellationToken cancellationToken)
    {
        user.UserName = userName ?? "";
        return Task.CompletedTask;
    }

    public Task<string?> GetNormalizedUserNameAsync(Administrator user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.NormalizedUserName);

    public Task SetNormalizedUserNameAsync(Administrator user, string? normalizedName, CancellationToken cancellationToken)
    {
        user.NormalizedUserName = normalizedName ?? "";
        return Task.CompletedTask;
    }

    public Task<string?> GetPasswordHashAsync(Administrator user, CancellationToken cancellationToken) => Task.FromResult(user.PasswordHash);

    public Task<bool> HasPasswordAsync(Administrator user, CancellationToken cancellationToken) => Task.FromResult(user.PasswordHash is not null);

    public Task SetPasswordHashAsync(Administrator user, string? passwordHash, CancellationToken cancellationToken)
    {
        user.PasswordHash = passwordHash;
        return Task.CompletedTask;
    }

    public Task<string?> GetSecurityStampAsync(Administrator user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.SecurityStamp);

    public Task SetSecurityStampAsync(Administrator user, string stamp, CancellationToken cancellationToken)
    {
        user.SecurityStamp = stamp;
        return Task.CompletedTask;
    }

    public Task<IdentityResult> CreateAsync(Administrator user, CancellationToken cancellationToken)
    {
        database.Administrators.Add(user);
        return SaveAsync(cancellationToken);
    }

    public Task<IdentityResult> UpdateAsync(Administrator user, CancellationToken cancellationToken) => SaveAsync(cancellationToken);

    public Task<IdentityResult> DeleteAsync(Administrator user, CancellationToken cancellationToken)
    {
        database.Administrators.Remove(user);
        return SaveAsync(cancellationToken);
    }

    public Task<Administrator?> FindByIdAsync(string userId, CancellationToken cancellationToken) =>
        Guid.TryParse(userId, out var id) ? database.Administrators.SingleOrDefaultAsync(a => a.Id == id, cancellationToken) : Task.FromResult<Administrator?>(null);

    public Task<Administrator?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) =>
        database.Administrators.SingleOrDefaultAsync(a => a.NormalizedUserName == normalizedUserName, cancellationToken);

    public async Task AddOrUpdatePasskeyAsync(Administrator user, UserPasskeyInfo passkey, CancellationToken cancellationToken)
    {
        if (await database.AdministratorPasskeys.SingleOrDefaultAsync(p => p.CredentialId == passkey.CredentialId && p.AdministratorId == user.Id, cancellationToken) is { } known)
        {
            known.Name = passkey.Name ?? known.Name;
            known.SignCount = passkey.SignCount;
            known.IsBackedUp = passkey.IsBackedUp;
            known.IsUserVerified = passkey.IsUserVerified;
        }
        else
        {
            // The person's row is written with it, and so compared: a passkey that was on its way must not outlast a change of its owner.
            database.Entry(user).Property(a => a.SecurityStamp).IsModified = true;
            database.AdministratorPasskeys.Add(new AdministratorPasskey
            {
                CredentialId = passkey.CredentialId,
                AdministratorId = user.Id,
                Name = passkey.Name ?? "",
                PublicKey = passkey.PublicKey,
                SignCount = passkey.SignCount,
                Transports = passkey.Transports ?? [],
                IsUserVerified = passkey.IsUserVerified,
                IsBackupEligible = passkey.IsBackupEligible,
                IsBackedUp = passkey.IsBackedUp,
                AttestationObject = passkey.AttestationObject,
                ClientDataJson = passkey.ClientDataJson,
                CreatedAt = passkey.CreatedAt,
            });
        }
    }

    public async Task<IList<UserPasskeyInfo>> GetPasskeysAsync(Administrator user, CancellationToken cancellationToken) =>
        [.. (await database.AdministratorPasskeys.AsNoTracking().Where(p => p.AdministratorId == user.Id).OrderBy(p => p.CreatedAt).ToListAsync(cancellationToken)).Select(ToInfo)];

    public Task<Administrator?> FindByPasskeyIdAsync(byte[] credentialId, CancellationToken cancellationToken) =>
        database.Administrators.SingleOrDefaultAsync(a => a.Passkeys.Any(p => p.CredentialId == credentialId), cancellationToken);

    public async Task<UserPasskeyInfo?> FindPasskeyAsync(Administrator user, byte[] credentialId, CancellationToken cancellationToken) =>
        await database.AdministratorPasskeys.AsNoTracking().SingleOrDefaultAsync(p => p.AdministratorId == user.Id && p.CredentialId == credentialId, cancellationToken) is { } found
            ? ToInfo(found)
            : null;

    public Task RemovePasskeyAsync(Administrator user, byte[] credentialId, CancellationToken cancellationToken) =>
        database.AdministratorPasskeys.Where(p => p.AdministratorId == user.Id && p.CredentialId == credentialId).ExecuteDeleteAsync(cancellationToken);

    public void Dispose()
    {
        // The context belongs to the request.
    }

    private static UserPasskeyInfo ToInfo(AdministratorPasskey passkey) => new(
        passkey.CredentialId,
        passkey.PublicKey,
        passkey.CreatedAt,
        (uint)passkey.SignCount,
        passkey.Transports,
        passkey.IsUserVerified,
        passkey.IsBackupEligible,
        passkey.IsBackedUp,
        passkey.AttestationObject,
        passkey.ClientDataJson)
    {
        Name = passkey.Name,
    };

    private async Task<IdentityResult> SaveAsync(CancellationToken cancellationToken)
    {
        try
        {
            await database.SaveChangesAsync(cancellationToken);
            return IdentityResult.Success;
        }
        catch (DbUpdateConcurrencyException)
        {
            return IdentityResult.Failed(errors.ConcurrencyFailure());
        }
    }
}
