using System.Security.Cryptography;
using AuthPlatform.AdminWeb.Audit;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Encryption;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.AdminWeb.SignIn;

/// <summary>The authenticator app and the recovery codes of a person.</summary>
internal sealed class SecondFactor(AuthDbContext database, EnvelopeCipher cipher, UserManager<Administrator> administrators, AccountAudit audit, TimeProvider clock)
{
    /// <summary>
    /// Uses a code of the app or a recovery code up; the <see cref="SignInMethods"/> that it was, or null when it is wrong or was used before. That is in a transaction which begins
    /// here, and which <see cref="AdministratorSessions"/> ends with the session that the code is for: whoever presses the button twice hangs up on the first try, and the code
    /// would be lost with it.
    /// </summary>
    public async Task<string?> UseAsync(Administrator administrator, string? code, CancellationToken cancellationToken)
    {
        var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        if (await TryUseAsync(administrator, code, cancellationToken) is { } method)
        {
            return method;
        }

        await transaction.DisposeAsync();
        return null;
    }

    /// <summary>Takes a new app into use, once it has shown that it knows the secret, and gives new recovery codes.</summary>
    public async Task<string[]?> EnrolAsync(Administrator administrator, byte[] secret, string? code)
    {
        if (Totp.FindStep(secret, code, clock.GetUtcNow()) is not { } step)
        {
            return null;
        }

        administrator.TotpSecretEncrypted = cipher.Encrypt(Administrator.TotpSecretField(administrator.Id), secret);
        administrator.TotpSecretEncryptionKey = cipher.CurrentKeyId;
        administrator.TotpLastStep = step;
        return await RenewRecoveryCodesAsync(administrator, AuditKinds.UserAuthenticatorSet);
    }

    /// <summary>Replaces the recovery codes.</summary>
    public async Task<string[]?> RenewRecoveryCodesAsync(Administrator administrator, string kind = AuditKinds.UserCodesRenewed)
    {
        audit.Add(kind, administrator);
        var codes = RecoveryCodes.Make();
        administrator.RecoveryCodeHashes = [.. codes.Select(RecoveryCodes.Hash)];
        return (await administrators.UpdateSecurityStampAsync(administrator)).Succeeded ? codes : null;
    }

    /// <summary>
    /// Only of the person as they were read: a code may have waited for whoever suspends or resets its owner, and nobody looks at them once more before the session begins. Each
    /// such change renews the stamp.
    /// </summary>
    private async Task<string?> TryUseAsync(Administrator administrator, string? code, CancellationToken cancellationToken)
    {
        if (FindStep(administrator, code) is { } step)
        {
            // The row decides: of two who send the same code at once, one gets in.
            var won = await database.Administrators
                .Where(a => a.Id == administrator.Id && a.SecurityStamp == administrator.SecurityStamp && a.TotpLastStep < step)
                .ExecuteUpdateAsync(set => set.SetProperty(a => a.TotpLastStep, step), cancellationToken);
            await database.Entry(administrator).ReloadAsync(cancellationToken);
            return won == 1 ? SignInMethods.Totp : null;
        }

        var hash = RecoveryCodes.Hash(code);
        var used = await database.Database.ExecuteSqlAsync(
            $"""
            UPDATE administrators SET recovery_code_hashes = array_remove(recovery_code_hashes, {hash})
            WHERE id = {administrator.Id} AND security_stamp = {administrator.SecurityStamp} AND {hash} = ANY(recovery_code_hashes)
            """,
            cancellationToken);
        await database.Entry(administrator).ReloadAsync(cancellationToken);
        return used == 1 ? SignInMethods.RecoveryCode : null;
    }

    private long? FindStep(Administrator administrator, string? code)
    {
        if (administrator.TotpSecretEncrypted is null)
        {
            return null;
        }

        var secret = cipher.Decrypt(Administrator.TotpSecretField(administrator.Id), administrator.TotpSecretEncrypted);
        try
        {
            return Totp.FindStep(secret, code, clock.GetUtcNow());
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }
}
