using System.CommandLine;
using System.Security.Cryptography;
using AuthPlatform.Cli.Output;
using AuthPlatform.Cli.Running;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Encryption;
using AuthPlatform.KeyManager.Keys;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.Cli.Keys;

/// <summary><c>authplatform keys replace-lost</c>: after an encryption key was lost, what it encrypted is given up, so that the services start again.</summary>
internal static class ReplaceLost
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command(
            "replace-lost",
            "After an encryption key was lost for good: give up what none of the configured ones opens, and put new keys in its place where nobody has to be told. The services must not run"
            + KeysCommand.LikeTheKeyManager)
        {
            GlobalOptions.Yes,
        };
        command.Run(terminal, Stores.AuthDatabase | Stores.KeysDatabase | Stores.Encryption, HandleAsync);
        return command;
    }

    private static async Task<int> HandleAsync(Invocation invocation)
    {
        var auth = await LostValues.FindAsync(invocation.AuthDatabase, invocation.Cipher, invocation.Cancellation);
        var keys = await LostValues.FindAsync(invocation.KeysDatabase, invocation.Cipher, invocation.Cancellation);
        var columns = auth.Concat(keys).Select(column => new Row($"{column.Key.Table}.{column.Key.Name}", column.Value.Count)).ToList();
        var lost = columns.Sum(column => column.Lost);
        IReadOnlyList<string> withoutSecret = [];
        if (lost > 0)
        {
            if (invocation.Confirm(
                $"{lost} value(s) open with none of the configured encryption keys and will be given up: applications need new secrets, their users sign in again, "
                + "administrators need a passkey or a recovery code. What the missing key has encrypted cannot be had back afterwards.") is { } exitCode)
            {
                return exitCode;
            }

            var ids = auth.Concat(keys).ToDictionary(column => column.Key.Table, column => column.Value);
            await using var keysChange = await invocation.KeysDatabase.Database.BeginTransactionAsync(invocation.Cancellation);
            await using var authChange = await invocation.AuthDatabase.Database.BeginTransactionAsync(invocation.Cancellation);
            var lostKeys = await ReplaceKeysAsync(invocation, ids["signing_keys"]);
            withoutSecret = await ReplaceAuthAsync(invocation, ids, lostKeys);
            // The audit is in the other database than the keys: both are ready before one of them changes, and whoever interrupts this comes too late for either.
            await keysChange.CommitAsync(CancellationToken.None);
            await authChange.CommitAsync(CancellationToken.None);
        }

        return invocation.Show(new { Columns = columns, Lost = lost, ApplicationsWithoutSecret = withoutSecret }, output =>
        {
            Table.Write(output, ["COLUMN", "LOST"], columns.Select(c => new[] { c.Column, c.Lost.ToString(System.Globalization.CultureInfo.InvariantCulture) }));
            output.WriteLine();
            output.WriteLine(lost == 0
                ? "Everything that is stored opens with the configured encryption keys; nothing was done."
                : "Start the services. Then give each of these a secret, authplatform apps rotate-secret <client_id>: " + string.Join(' ', withoutSecret));
        });
    }

    /// <summary>What has signed stays published, so that its tokens live to their end; the Key Manager makes the keys that are missing then. Within the caller's transaction.</summary>
    private static async Task<List<LostKey>> ReplaceKeysAsync(Invocation invocation, IReadOnlyList<Guid> lost)
    {
        var database = invocation.KeysDatabase;
        var now = await database.ReadTimeAsync(invocation.Cancellation);
        var applications = await database.KeyApplications.AsNoTracking().ToDictionaryAsync(a => a.ClientId, invocation.Cancellation);
        var givenUp = new List<LostKey>();
        foreach (var key in await database.SigningKeys.Where(k => lost.Contains(k.Id)).ToListAsync(invocation.Cancellation))
        {
            var state = KeyPolicy.StateOf(key, now);
            givenUp.Add(new LostKey(key.ClientId, key.Kid, KeyStates.Name(state)));
            if (state == KeyState.Next)
            {
                database.SigningKeys.Remove(key);
                continue;
            }

            (key.PrivateKeyEncrypted, key.EncryptionKey) = (null, null);
            (key.SupersededAt, key.ExpiresAt) = (now, now + KeySettings.Of(applications[key.ClientId], invocation.KeyDefaults).Retain);
        }

        await database.SaveChangesAsync(invocation.Cancellation);
        await database.Database.ExecuteSqlAsync($"UPDATE key_ring_versions SET version = version + 1", invocation.Cancellation);
        return givenUp;
    }

    /// <summary>Within the caller's transaction, with its events for the audit and those of the keys; returns the applications that have no secret now.</summary>
    private static async Task<IReadOnlyList<string>> ReplaceAuthAsync(Invocation invocation, Dictionary<string, IReadOnlyList<Guid>> lost, List<LostKey> lostKeys)
    {
        var (database, cipher, actor, now) = (invocation.AuthDatabase, invocation.Cipher, invocation.Actor, invocation.Now);
        var (applications, secrets, administrators, cookies) = (lost["applications"], lost["application_secrets"], lost["administrators"], lost["data_protection_keys"]);
        var touched = await database.Applications.Include(a => a.Secrets)
            .Where(a => applications.Contains(a.Id) || a.Secrets.Any(s => secrets.Contains(s.Id))).OrderBy(a => a.ClientId).ToListAsync(invocation.Cancellation);
        foreach (var application in touched)
        {
            if (applications.Contains(application.Id))
            {
                ApplicationRegistration.RenewRefreshKey(application, cipher);
                database.AuditEvents.Add(AuditTrail.Event(AuditKinds.RefreshKeyRenewed, application, actor, now));
            }

            foreach (var secret in application.Secrets.Where(s => secrets.Contains(s.Id)).ToList())
            {
                application.Secrets.Remove(secret);
            }

            invocation.Audit(application);
        }

        foreach (var administrator in await database.Administrators.Where(a => administrators.Contains(a.Id)).ToListAsync(invocation.Cancellation))
        {
            // A secret that nobody knows, not none: without one, a password alone would be enough to set up another.
            administrator.TotpSecretEncrypted = cipher.Encrypt(Administrator.TotpSecretField(administrator.Id), RandomNumberGenerator.GetBytes(Administrator.TotpSecretLength));
            administrator.TotpSecretEncryptionKey = cipher.CurrentKeyId;
            database.AuditEvents.Add(AuditTrail.Event(AuditKinds.UserFactorReset, actor, now, details: new { User = administrator.UserName, Factor = SignInMethods.Totp }));
        }

        var cookieKeys = await database.DataProtectionKeys.Where(k => cookies.Contains(k.Id)).ToListAsync(invocation.Cancellation);
        if (cookieKeys.Count > 0)
        {
            database.RemoveRange(cookieKeys);
            database.AuditEvents.Add(AuditTrail.Event(AuditKinds.CookieKeysRemoved, actor, now, details: new { Keys = cookieKeys.ConvertAll(k => k.Name) }));
        }

        await AuditKeysAsync(invocation, lostKeys);
        await database.SaveChangesAsync(invocation.Cancellation);
        return [.. touched.Where(a => a.Secrets.Count == 0).Select(a => a.ClientId)];
    }

    private static async Task AuditKeysAsync(Invocation invocation, List<LostKey> keys)
    {
        var (database, actor, now) = (invocation.AuthDatabase, invocation.Actor, invocation.Now);
        var clientIds = keys.Select(k => k.ClientId).Distinct().ToList();
        var applications = await database.Applications.Where(a => clientIds.Contains(a.ClientId)).ToDictionaryAsync(a => a.ClientId, invocation.Cancellation);
        // A key may be of an application that this database knows no more.
        database.AuditEvents.AddRange(keys.Select(key => applications.TryGetValue(key.ClientId, out var application)
            ? AuditTrail.Event(AuditKinds.KeyLost, application, actor, now, details: new { key.Kid, key.State })
            : AuditTrail.Event(AuditKinds.KeyLost, actor, now, details: new { key.ClientId, key.Kid, key.State })));
    }

    private sealed record Row(string Column, int Lost);

    private sealed record LostKey(string ClientId, string Kid, string State);
}
