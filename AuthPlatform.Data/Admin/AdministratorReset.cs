using AuthPlatform.Data.Auth;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.Data.Admin;

/// <summary>Takes away all by which a person comes in, whoever asks for it: what is added one day is taken away here.</summary>
public static class AdministratorReset
{
    /// <summary>What is in the person's row. Saved first, it refuses whoever is signing in at this moment.</summary>
    public static void Clear(Administrator person) =>
        (person.PasswordHash, person.TotpSecretEncrypted, person.TotpSecretEncryptionKey, person.RecoveryCodeHashes) = (null, null, null, []);

    /// <summary>What is elsewhere; in the transaction in which the row was saved.</summary>
    public static async Task ClearOthersAsync(AuthDbContext database, Guid administratorId, CancellationToken cancellationToken)
    {
        await database.AdministratorPasskeys.Where(p => p.AdministratorId == administratorId).ExecuteDeleteAsync(cancellationToken);
        await database.AdministratorSessions.Where(s => s.AdministratorId == administratorId).ExecuteDeleteAsync(cancellationToken);
    }
}
