using System.Security.Cryptography;
using AuthPlatform.Cli.Keys.Transfer;
using AuthPlatform.Cli.Running;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Keys;
using AuthPlatform.KeyManager.Keys;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.Cli.Import;

/// <summary>How many of each are new; how many sessions of an earlier import are renewed; and how many records are here already, or are over or replaced.</summary>
internal sealed record ImportCounts(int Applications, int Keys, int Sessions, int Renewed, int ThereAlready, int PassedOver);

/// <summary>
/// Brings an older deployment into the databases. Keys first, application by application, then everything else in one transaction: whatever ends it in between, doing it again
/// completes it, and does nothing twice.
/// </summary>
internal sealed class DeploymentImport(Invocation invocation, OldDeployment old)
{
    private readonly Dictionary<string, Application> _applications = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Administrator> _owners = new(StringComparer.Ordinal);
    private readonly List<(OldApplication Old, Application Row)> _newApplications = [];
    private readonly SessionImport _sessions = new(invocation);
    private List<OldKey> _newKeys = [];

    public ImportCounts Counts => new(
        _newApplications.Count,
        _newKeys.Count,
        _sessions.New,
        _sessions.Renewed,
        old.AllApplications.Count + old.AllKeys.Count + old.AllSessions.Count - _newApplications.Count - _newKeys.Count - _sessions.New - _sessions.Renewed - _sessions.PassedOver,
        old.PassedOver + _sessions.PassedOver);

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

        old.ReplaceSessions(session => _applications.TryGetValue(session.ClientId, out var application) ? session.KeptBy(application) : session);
        var keys = await CheckKeysAsync();
        if (old.Failures.Count == 0)
        {
            await _sessions.CheckAsync(old.AllSessions, _applications, keys);
        }

        await FindOwnersAsync();
    }

    public async Task ApplyAsync()
    {
        foreach (var keys in _newKeys.GroupBy(k => k.ClientId))
        {
            await ImportKeysAsync(_applications[keys.Key], [.. keys]);
        }

        // Those that brought no key get theirs from the Key Manager; before they are here, as when one is made.
        foreach (var (_, row) in _newApplications)
        {
            await invocation.KeysDatabase.RegisterAsync(row.ClientId, invocation.Now, invocation.Cancellation);
        }

        var database = invocation.AuthDatabase;
        await using var transaction = await database.Database.BeginTransactionAsync(invocation.Cancellation);
        database.Applications.AddRange(_newApplications.Select(a => a.Row));
        foreach (var (application, row) in _newApplications)
        {
            invocation.Audit(row);
            foreach (var owner in application.Owners.Where(_owners.ContainsKey).Select(o => _owners[o]).Distinct())
            {
                database.ApplicationOwners.Add(new ApplicationOwner { ApplicationId = row.Id, AdministratorId = owner.Id });
                database.AuditEvents.Add(AuditTrail.Event(AuditKinds.OwnerAdded, row, Invocation.Actor, invocation.Now, details: new { Owner = owner.UserName }));
            }
        }

        await database.SaveChangesAsync(invocation.Cancellation);
        await _sessions.ApplyAsync();
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

    /// <summary>Gives the keys that verify after the import. Sessions whose refresh token has a key that is over are over themselves.</summary>
    private async Task<HashSet<(string KeyId, string ClientId)>> CheckKeysAsync()
    {
        var names = old.AllKeys.Select(k => k.KeyId).Concat(old.AllSessions.SelectMany(s => (string[])[s.Access.KeyId, s.Refresh.KeyId])).Distinct().ToList();
        var there = await invocation.KeysDatabase.SigningKeys.AsNoTracking().Where(k => names.Contains(k.Kid)).ToDictionaryAsync(k => k.Kid, invocation.Cancellation);
        old.Failures.AddRange(old.AllKeys.Where(k => !_applications.ContainsKey(k.ClientId)).Select(k => $"{k.Place}: there is no application '{k.ClientId}'."));
        old.Failures.AddRange(
            old.AllKeys.Where(k => there.TryGetValue(k.KeyId, out var key) && key.ClientId != k.ClientId).Select(k => $"{k.Place}: the key '{k.KeyId}' is here as another application's."));
        _newKeys = [.. old.AllKeys.Where(k => !there.ContainsKey(k.KeyId))];

        var published = there.Values.ToLookup(k => KeyPolicy.IsPublished(KeyPolicy.StateOf(k, invocation.Now)), k => (k.Kid, k.ClientId));
        var live = _newKeys.Select(k => (k.KeyId, k.ClientId)).Concat(published[true]).ToHashSet();
        var over = old.PastKeys.Concat(published[false]).ToHashSet();
        if (old.PassOver(s => !live.Contains(RefreshKey(s)) && over.Contains(RefreshKey(s))) is > 0 and var count)
        {
            invocation.Warn($"{count} session(s) are passed over: the key of their refresh token is over.");
        }

        foreach (var session in old.AllSessions)
        {
            if (!_applications.ContainsKey(session.ClientId))
            {
                old.Failures.Add($"{session.Place}: there is no application '{session.ClientId}'.");
            }
            else if (!live.Contains(RefreshKey(session)))
            {
                old.Failures.Add($"{session.Place}: nobody could verify its refresh token, whose key '{session.Refresh.KeyId}' is not there.");
            }
        }

        return live;
    }

    private static (string KeyId, string ClientId) RefreshKey(OldSession session) => (session.Refresh.KeyId, session.ClientId);

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
    private async Task ImportKeysAsync(Application application, List<OldKey> keys)
    {
        await using var change = (await invocation.Keys.BeginAsync(application.ClientId, register: true, wait: true, invocation.Cancellation))!;
        var import = new KeyImport(change, invocation.Cipher, takeOver: false, retainSeconds: null);
        var signer = change.Keys.Count > 0 ? null : keys.Where(k => k.Key.HasPrivatePart).MaxBy(k => k.ExpiresAt ?? DateTimeOffset.MaxValue);
        var bundled = keys.ConvertAll(key => Bundled(key, signs: key == signer));
        if (import.Problem(bundled) is { } problem)
        {
            throw new CryptographicException($"{keys[0].Place}: {problem}");
        }

        var imported = await import.ApplyAsync(bundled, invocation.Cancellation);
        await invocation.CommitAsync(change, application, AuditKinds.KeysImported, new { Kids = imported.ConvertAll(key => key.Kid) });
    }

    private BundledKey Bundled(OldKey key, bool signs)
    {
        using var rsa = RSA.Create(key.Key.Numbers);
        var now = invocation.Now;
        return new BundledKey(key.KeyId, rsa.ExportSubjectPublicKeyInfo(), signs ? rsa.ExportPkcs8PrivateKey() : null, now, now, now, null, signs ? null : key.ExpiresAt);
    }
}
