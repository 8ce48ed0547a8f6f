using System.Security.Cryptography;
using AuthPlatform.Cli.Apps;
using AuthPlatform.Cli.Keys.Transfer;
using AuthPlatform.Cli.Running;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Keys;
using AuthPlatform.KeyManager.Keys;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.Cli.Import;

/// <summary>How many of each are new; how many sessions of an earlier import are renewed; and how many records are here already, or are over or replaced.</summary>
internal sealed record ImportCounts(int Applications, int Keys, int Sessions, int Renewed, int ThereAlready, int PassedOver);

/// <summary>
/// Brings an older deployment into the databases. Keys first, application by application, then the applications, and the sign-ins with them and after them: whatever ends it in
/// between, doing it again completes it, and does nothing twice.
/// </summary>
internal sealed class DeploymentImport(Invocation invocation, OldDeployment old, LifetimeOptions lifetimes)
{
    private readonly ApplicationImport _applications = new(invocation, old, lifetimes);
    private readonly SessionImport _sessions = new(invocation);
    private List<OldKey> _newKeys = [];

    public ImportCounts Counts => new(
        _applications.New.Count,
        _newKeys.Count,
        _sessions.New,
        _sessions.Renewed,
        old.AllApplications.Count + old.AllKeys.Count + old.AllSessions.Count - _applications.New.Count - _newKeys.Count - _sessions.New - _sessions.Renewed - _sessions.PassedOver,
        old.PassedOver + _sessions.PassedOver);

    /// <summary>Compares it with what is here; what does not go together is added to the failures.</summary>
    public async Task CheckAsync()
    {
        await _applications.CheckAsync();
        old.ReplaceSessions(session => _applications.All.TryGetValue(session.ClientId, out var application) ? session.KeptBy(application) : session);
        var keys = await CheckKeysAsync();
        if (old.Failures.Count == 0)
        {
            await _sessions.CheckAsync(old.AllSessions, _applications.All, keys);
        }
    }

    public async Task ApplyAsync()
    {
        foreach (var keys in _newKeys.GroupBy(k => k.ClientId))
        {
            await ImportKeysAsync(_applications.All[keys.Key], [.. keys]);
        }

        // Those that brought no key get theirs from the Key Manager; before they are here, as when one is made.
        foreach (var row in _applications.New)
        {
            await invocation.KeysDatabase.RegisterAsync(row.ClientId, invocation.Now, invocation.Cancellation);
        }

        // The first sign-ins with the applications: a small deployment is here as a whole or not at all.
        await InTransactionAsync(async () =>
        {
            await _applications.ApplyAsync();
            await _sessions.ApplyNextAsync();
        });
        foreach (var row in _applications.New)
        {
            await invocation.TellChangedAsync(row.ClientId);
        }

        using var progress = new ProgressLine(invocation.Terminal);
        while (_sessions.Done < _sessions.All)
        {
            await InTransactionAsync(_sessions.ApplyNextAsync);
            progress.Show($"{_sessions.Done} of {_sessions.All} sign-ins");
        }
    }

    private async Task InTransactionAsync(Func<Task> work)
    {
        await using var transaction = await invocation.AuthDatabase.Database.BeginTransactionAsync(invocation.Cancellation);
        await work();
        await transaction.CommitAsync(invocation.Cancellation);
    }

    /// <summary>Gives the keys that verify after the import. Sessions whose refresh token has a key that is over are over themselves.</summary>
    private async Task<HashSet<(string KeyId, string ClientId)>> CheckKeysAsync()
    {
        var names = old.AllKeys.Select(k => k.KeyId).Concat(old.AllSessions.SelectMany(s => (string[])[s.Access.KeyId, s.Refresh.KeyId])).Distinct().ToList();
        var there = await invocation.KeysDatabase.SigningKeys.AsNoTracking().Where(k => names.Contains(k.Kid)).ToDictionaryAsync(k => k.Kid, invocation.Cancellation);
        old.Failures.AddRange(old.AllKeys.Where(k => !_applications.All.ContainsKey(k.ClientId)).Select(k => $"{k.Place}: there is no application '{k.ClientId}'."));
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
            if (!_applications.All.ContainsKey(session.ClientId))
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
