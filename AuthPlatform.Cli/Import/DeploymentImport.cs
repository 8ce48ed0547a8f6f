using System.Security.Cryptography;
using System.Text;
using AuthPlatform.Cli.Keys.Transfer;
using AuthPlatform.Cli.Running;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.Cli.Import;

/// <summary>How many of each are new; and how many records are here already.</summary>
internal sealed record ImportCounts(int Applications, int Keys, int Sessions, int ThereAlready);

/// <summary>
/// Brings an older deployment into the databases. Keys first, application by application, then everything else in one transaction: whatever ends it in between, doing it again
/// completes it, and does nothing twice.
/// </summary>
internal sealed class DeploymentImport(Invocation invocation, OldDeployment old)
{
    private readonly Dictionary<string, Application> _applications = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Administrator> _owners = new(StringComparer.Ordinal);
    private readonly List<(OldApplication Old, Application Row)> _newApplications = [];
    private List<OldKey> _newKeys = [];
    private List<OldSession> _newSessions = [];

    public ImportCounts Counts => new(
        _newApplications.Count,
        _newKeys.Count,
        _newSessions.Count,
        old.AllApplications.Count + old.AllKeys.Count + old.AllSessions.Count - _newApplications.Count - _newKeys.Count - _newSessions.Count);

    /// <summary>Compares it with what is here; what does not go together is added to the failures.</summary>
    public async Task CheckAsync()
    {
        var names = old.AllApplications.Select(a => a.ClientId).Concat(old.AllKeys.Select(k => k.ClientId)).Concat(old.AllSessions.Select(s => s.ClientId)).Distinct().ToList();
        foreach (var row in await invocation.AuthDatabase.Applications.Include(a => a.Secrets).Where(a => names.Contains(a.ClientId)).ToListAsync(invocation.Cancellation))
        {
            _applications[row.ClientId] = row;
        }

        foreach (var application in old.AllApplications.DistinctBy(a => a.ClientId))
        {
            CheckApplication(application);
        }

        await CheckKeysAsync();
        await CheckSessionsAsync();
        await FindOwnersAsync();
    }

    public async Task ApplyAsync()
    {
        foreach (var keys in _newKeys.GroupBy(k => k.ClientId))
        {
            await ImportKeysAsync(keys.Key, [.. keys]);
        }

        var database = invocation.AuthDatabase;
        await using var transaction = await database.Database.BeginTransactionAsync(invocation.Cancellation);
        database.Applications.AddRange(_newApplications.Select(a => a.Row));
        foreach (var (application, row) in _newApplications)
        {
            invocation.Audit(row);
            database.ApplicationOwners.AddRange(application.Owners.Where(_owners.ContainsKey).Select(o => new ApplicationOwner { ApplicationId = row.Id, AdministratorId = _owners[o].Id }));
        }

        await database.SaveChangesAsync(invocation.Cancellation);
        foreach (var session in _newSessions)
        {
            await ImportSessionAsync(session);
        }

        await transaction.CommitAsync(invocation.Cancellation);
        foreach (var (_, row) in _newApplications)
        {
            await invocation.TellChangedAsync(row.ClientId);
        }
    }

    private void CheckApplication(OldApplication application)
    {
        if (_applications.TryGetValue(application.ClientId, out var there))
        {
            if (!there.Secrets.Any(secret => secret.Holds(invocation.Cipher, application.Secret)))
            {
                old.Failures.Add($"{application.Place}: the application '{application.ClientId}' is here with another secret. 'authplatform apps rotate-secret --secret-stdin' gives it this one too.");
            }

            return;
        }

        var row = ApplicationRegistration.NewApplication(application.ClientId, application.Name, invocation.Cipher, invocation.Now);
        // What its clients know: the old signature, claims and form of refresh tokens.
        (row.MinimumSignatureVersion, row.ClaimsProfile, row.RefreshFormat) = (1, ClaimsProfiles.Seed, RefreshFormats.Jwt);
        row.AllowedIps = application.AllowedIps;
        row.Secrets.Add(ApplicationRegistration.NewSecret(row.Id, 1, application.Secret, invocation.Cipher, invocation.Now));
        old.Failures.AddRange(ApplicationRules.Check(row).Select(failure => $"{application.Place}: {failure.Message.TrimEnd('.')}."));
        _applications[application.ClientId] = row;
        _newApplications.Add((application, row));
    }

    private async Task CheckKeysAsync()
    {
        var names = old.AllKeys.Select(k => k.KeyId).Concat(old.AllSessions.SelectMany(s => (string[])[s.Access.KeyId, s.Refresh.KeyId])).Distinct().ToList();
        var there = await invocation.KeysDatabase.SigningKeys.Where(k => names.Contains(k.Kid)).ToDictionaryAsync(k => k.Kid, k => k.ClientId, invocation.Cancellation);
        old.Failures.AddRange(old.AllKeys.Where(k => !_applications.ContainsKey(k.ClientId)).Select(k => $"{k.Place}: there is no application '{k.ClientId}'."));
        old.Failures.AddRange(old.AllKeys.Where(k => there.TryGetValue(k.KeyId, out var owner) && owner != k.ClientId).Select(k => $"{k.Place}: the key '{k.KeyId}' is here as another application's."));
        _newKeys = [.. old.AllKeys.Where(k => !there.ContainsKey(k.KeyId))];
        var known = _newKeys.Select(k => (k.KeyId, k.ClientId)).Concat(there.Select(k => (k.Key, k.Value))).ToHashSet();
        foreach (var session in old.AllSessions)
        {
            if (!_applications.ContainsKey(session.ClientId))
            {
                old.Failures.Add($"{session.Place}: there is no application '{session.ClientId}'.");
            }
            else if (!known.Contains((session.Refresh.KeyId, session.ClientId)))
            {
                old.Failures.Add($"{session.Place}: nobody could verify its refresh token, whose key '{session.Refresh.KeyId}' is not there.");
            }
        }
    }

    private async Task CheckSessionsAsync()
    {
        var hashes = old.AllSessions.ConvertAll(s => ImportedToken.HashOf(s.RefreshToken));
        var there = await invocation.AuthDatabase.ImportedTokens.Where(t => hashes.Contains(t.TokenHash)).Select(t => t.TokenHash).ToListAsync(invocation.Cancellation);
        var known = there.Select(Convert.ToHexString).ToHashSet();
        _newSessions = [.. old.AllSessions.Where(s => !known.Contains(Convert.ToHexString(ImportedToken.HashOf(s.RefreshToken))))];
    }

    private async Task FindOwnersAsync()
    {
        var names = _newApplications.SelectMany(a => a.Old.Owners).Distinct().ToList();
        var normalized = names.ConvertAll(name => name.ToUpperInvariant());
        foreach (var administrator in await invocation.AuthDatabase.Administrators.Where(a => normalized.Contains(a.NormalizedUserName)).ToListAsync(invocation.Cancellation))
        {
            names.FindAll(name => name.Equals(administrator.NormalizedUserName, StringComparison.OrdinalIgnoreCase)).ForEach(name => _owners[name] = administrator);
        }

        if (names.Except(_owners.Keys).ToList() is { Count: > 0 } unknown)
        {
            invocation.Warn($"Nobody is here as {string.Join(", ", unknown)}: invite them, and make them owners on the administrators' pages.");
        }
    }

    /// <summary>The key with a private part that lives longest signs on, where the application has no keys yet; all others only verify.</summary>
    private async Task ImportKeysAsync(string clientId, List<OldKey> keys)
    {
        await using var change = (await invocation.Keys.BeginAsync(clientId, register: true, wait: true, invocation.Cancellation))!;
        var import = new KeyImport(change, invocation.Cipher, takeOver: false, retainSeconds: null);
        var signer = change.Keys.Count > 0 ? null : keys.Where(k => k.Key.HasPrivatePart).MaxBy(k => k.ExpiresAt ?? DateTimeOffset.MaxValue);
        var bundled = keys.ConvertAll(key => Bundled(key, signs: key == signer));
        if (import.Problem(bundled) is { } problem)
        {
            throw new CryptographicException($"{keys[0].Place}: {problem}");
        }

        await import.ApplyAsync(bundled, invocation.Cancellation);
        await invocation.CommitAsync(change);
    }

    private BundledKey Bundled(OldKey key, bool signs)
    {
        using var rsa = RSA.Create(key.Key.Numbers);
        var now = invocation.Now;
        return new BundledKey(key.KeyId, rsa.ExportSubjectPublicKeyInfo(), signs ? rsa.ExportPkcs8PrivateKey() : null, now, now, now, null, signs ? null : key.ExpiresAt);
    }

    /// <summary>Somebody who signed in here meanwhile keeps that session: the older one is over then, as if it had been ended here.</summary>
    private async Task ImportSessionAsync(OldSession session)
    {
        var application = _applications[session.ClientId];
        var (id, now) = (Guid.CreateVersion7(session.Refresh.IssuedAt < invocation.Now ? session.Refresh.IssuedAt : invocation.Now), invocation.Now);
        var end = session.Refresh.ExpiresAt;
        var tokensUntil = session.Access.ExpiresAt < end ? session.Access.ExpiresAt : end;
        var absoluteEnd = now.AddSeconds(application.RefreshAbsoluteSeconds);
        absoluteEnd = absoluteEnd < end ? end : absoluteEnd;
        await invocation.AuthDatabase.Database.ExecuteSqlAsync(
            $"""
            WITH session AS (
                INSERT INTO sessions (id, application_id, unique_key, device, device_hash, ip, key_id, generation, created_at, refreshed_at, tokens_until, idle_expires_at, absolute_expires_at,
                    sweep_at)
                VALUES ({id}, {application.Id}, {session.UniqueKey}, {session.Device}, {SHA256.HashData(Encoding.UTF8.GetBytes(session.Device))}, {session.Ip}, {session.Access.KeyId}, 0,
                    {session.Refresh.IssuedAt}, {session.Refresh.IssuedAt}, {tokensUntil}, {end}, {absoluteEnd}, {end})
                ON CONFLICT DO NOTHING RETURNING id)
            INSERT INTO imported_tokens (token_hash, application_id, session_id, is_refresh, expires_at)
            SELECT token.hash, {application.Id}, {id}, token.is_refresh, token.until
            FROM (VALUES ({ImportedToken.HashOf(session.AccessToken)}, false, {session.Access.ExpiresAt}), ({ImportedToken.HashOf(session.RefreshToken)}, true, {end})) AS token (hash, is_refresh, until)
            WHERE token.is_refresh OR EXISTS (SELECT FROM session)
            ON CONFLICT DO NOTHING
            """,
            invocation.Cancellation);
    }
}
