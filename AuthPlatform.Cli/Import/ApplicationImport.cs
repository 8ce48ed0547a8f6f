using AuthPlatform.Cli.Apps;
using AuthPlatform.Cli.Output;
using AuthPlatform.Cli.Running;
using AuthPlatform.Data.Admin;
using AuthPlatform.Data.Auth;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.Cli.Import;

/// <summary>
/// Brings the applications of an older deployment here, with their owners. One that is here already stays as it is, and what the older service has otherwise is told: the
/// older service's own is here where its <c>CLIENT_ID</c> was taken over, because the Migration Worker has made it then.
/// </summary>
internal sealed class ApplicationImport(Invocation invocation, OldDeployment old, LifetimeOptions lifetimes)
{
    private readonly Dictionary<string, Application> _all = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Administrator> _people = new(StringComparer.Ordinal);
    private readonly List<(OldApplication Old, Application Row)> _new = [];

    /// <summary>Those that are here, or will be, by name.</summary>
    public IReadOnlyDictionary<string, Application> All => _all;

    /// <summary>Those that will be.</summary>
    public List<Application> New => _new.ConvertAll(a => a.Row);

    /// <summary>Compares them with what is here; what does not go together is added to the failures.</summary>
    public async Task CheckAsync()
    {
        var database = invocation.AuthDatabase;
        var names = old.AllApplications.Select(a => a.ClientId).Concat(old.AllKeys.Select(k => k.ClientId)).Concat(old.AllSessions.Select(s => s.ClientId)).Distinct().ToList();
        foreach (var row in await database.Applications.Include(a => a.Secrets).Where(a => names.Contains(a.ClientId)).ToListAsync(invocation.Cancellation))
        {
            _all[row.ClientId] = row;
        }

        await FindPeopleAsync();
        var ids = _all.Values.Select(a => a.Id).ToList();
        var owners = await database.ApplicationOwners.AsNoTracking().Where(o => ids.Contains(o.ApplicationId)).ToListAsync(invocation.Cancellation);
        foreach (var application in old.AllApplications.DistinctBy(a => a.ClientId))
        {
            var row = NewRow(application);
            if (_all.TryGetValue(application.ClientId, out var there))
            {
                Compare(application, row, there, [.. owners.Where(o => o.ApplicationId == there.Id).Select(o => o.AdministratorId)]);
                continue;
            }

            old.Failures.AddRange(ApplicationRules.Check(row).Select(failure => $"{application.Place}: {failure.Message.TrimEnd('.')}."));
            _all[application.ClientId] = row;
            _new.Add((application, row));
        }
    }

    /// <summary>Within the caller's transaction.</summary>
    public async Task ApplyAsync()
    {
        var database = invocation.AuthDatabase;
        database.Applications.AddRange(New);
        foreach (var (application, row) in _new)
        {
            invocation.Audit(row);
            foreach (var owner in application.Owners.Where(_people.ContainsKey).Select(o => _people[o]).Distinct())
            {
                database.ApplicationOwners.Add(new ApplicationOwner { ApplicationId = row.Id, AdministratorId = owner.Id });
                database.AuditEvents.Add(AuditTrail.Event(AuditKinds.OwnerAdded, row, invocation.Actor, invocation.Now, details: new { Owner = owner.UserName }));
            }
        }

        await database.SaveChangesAsync(invocation.Cancellation);
    }

    private Application NewRow(OldApplication application)
    {
        var row = ApplicationRegistration.NewApplication(application.ClientId, application.Name, invocation.Cipher, invocation.Now);
        // What its clients know: the old signature, claims and form of refresh tokens.
        (row.MinimumSignatureVersion, row.ClaimsProfile, row.RefreshFormat) = (1, ClaimsProfiles.Seed, RefreshFormats.Jwt);
        row.AllowedIps = application.AllowedIps;
        row.Secrets.Add(ApplicationRegistration.NewSecret(row.Id, 1, application.Secret, invocation.Cipher, invocation.Now));
        lifetimes.Apply(invocation.Arguments, row);
        return row;
    }

    private async Task FindPeopleAsync()
    {
        var names = old.AllApplications.SelectMany(a => a.Owners).Distinct().ToList();
        var normalized = names.ConvertAll(name => name.ToUpperInvariant());
        foreach (var administrator in await invocation.AuthDatabase.Administrators.Where(a => normalized.Contains(a.NormalizedUserName)).ToListAsync(invocation.Cancellation))
        {
            names.FindAll(name => name.Equals(administrator.NormalizedUserName, StringComparison.OrdinalIgnoreCase)).ForEach(name => _people[name] = administrator);
        }

        if (names.Except(_people.Keys).ToList() is { Count: > 0 } unknown)
        {
            invocation.Warn($"Nobody is here as {string.Join(", ", unknown)}: invite them, and make them owners on the administrators' pages.");
        }
    }

    /// <summary>
    /// Only another application altogether, or one that everybody may call for where the older service lets in some, is a failure: administrators may have changed the rest on
    /// purpose, a list of addresses that lets in more than the older one among it.
    /// </summary>
    private void Compare(OldApplication application, Application wanted, Application there, List<Guid> owners)
    {
        var place = $"{application.Place}: the application '{application.ClientId}' is here";
        if (!there.Secrets.Any(secret => secret.Holds(invocation.Cipher, application.Secret)))
        {
            old.Failures.Add($"{place} with another secret. 'authplatform apps rotate-secret --secret-stdin' gives it this one too.");
        }

        var (allowed, before) = (new AllowedAddresses(there.AllowedIps), new AllowedAddresses(application.AllowedIps));
        var letsEverybodyIn = allowed.AreAll && !before.AreAll;
        if (letsEverybodyIn)
        {
            old.Failures.Add(
                $"{place} and lets every address in, the older service only some. Restrict it: authplatform apps set {application.ClientId} --allowed-ips \"{string.Join(',', application.AllowedIps)}\"");
        }

        List<(string Option, string There, string Wanted)> settings =
        [
            ("min-signature", $"{there.MinimumSignatureVersion}", $"{wanted.MinimumSignatureVersion}"),
            ("claims-profile", there.ClaimsProfile, wanted.ClaimsProfile),
            ("refresh-format", there.RefreshFormat, wanted.RefreshFormat),
            .. lifetimes.Compare(invocation.Arguments, there),
        ];
        if (!letsEverybodyIn && !allowed.AreThoseOf(before))
        {
            settings.Add(("allowed-ips", Text.List(there.AllowedIps, ifEmpty: "all"), Text.List(wanted.AllowedIps, ifEmpty: "all")));
        }

        var differences = settings.Where(s => s.There != s.Wanted).Select(s => $"{s.Option} {s.There} instead of {s.Wanted}").ToList();
        if (differences.Count > 0)
        {
            invocation.Warn($"{place} already and stays as it is, with {string.Join(", ", differences)}. 'authplatform apps set' changes that.");
        }

        if (application.Owners.Where(o => !_people.TryGetValue(o, out var person) || !owners.Contains(person.Id)).ToList() is { Count: > 0 } missing)
        {
            invocation.Warn($"{place} already, without the owner(s) {string.Join(", ", missing)}: make them owners on the administrators' pages.");
        }
    }
}
