using AuthPlatform.Cli.Running;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Keys;
using AuthPlatform.KeyManager.Keys;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace AuthPlatform.Cli.Doctor;

/// <summary>Whether every application has one active and one next key, whether keys outlive the tokens they signed, and whether this command line would make the same ones.</summary>
internal static class KeysCheck
{
    private const string KeyManagerAdvice = "See that the Key Manager runs; it completes the keys within seconds.";

    public static async Task<IReadOnlyList<CheckResult>> RunAsync(Invocation invocation)
    {
        var names = await invocation.AuthDatabase.Applications.Select(a => a.ClientId).ToListAsync(invocation.Cancellation);
        var known = await invocation.KeysDatabase.KeyApplications.AsNoTracking().ToListAsync(invocation.Cancellation);
        var keys = await invocation.KeysDatabase.SigningKeys.AsNoTracking().Where(k => k.RevokedAt == null && k.SupersededAt == null).ToListAsync(invocation.Cancellation);
        CheckResult[] found = [Registered(names, known), Complete(names, keys, invocation.Now)];
        try
        {
            var defaults = invocation.KeyDefaults;
            return [.. found, Schedules(known, defaults), Defaults(known, keys, defaults, invocation.Now)];
        }
        catch (OptionsValidationException invalid)
        {
            return [.. found, new CheckResult("key settings", CheckStatus.Fail, string.Join(' ', invalid.Failures), "Give it the Keys__… settings of the Key Manager.")];
        }
    }

    private static CheckResult Registered(List<string> applications, List<KeyApplication> known)
    {
        var unknown = applications.Except(known.Select(k => k.ClientId)).ToList();
        var leftOver = known.Select(k => k.ClientId).Except(applications).ToList();
        return unknown.Count > 0
            ? new CheckResult("applications", CheckStatus.Fail, $"the Key Manager does not know {Some(unknown)}", "'authplatform keys ensure <client_id>' for each; it gets new keys.")
            : leftOver.Count > 0
                ? new CheckResult("applications", CheckStatus.Warn, $"keysdb also has keys of {Some(leftOver)}, which authdb does not know", "Harmless, unless authdb was restored to an earlier time than keysdb.")
                : new CheckResult("applications", CheckStatus.Ok, $"{applications.Count}, all known to the Key Manager");
    }

    private static CheckResult Complete(List<string> applications, List<SigningKey> keys, DateTimeOffset now)
    {
        var states = keys.ToLookup(k => (k.ClientId, KeyPolicy.StateOf(k, now)));
        var mute = applications.Where(id => states[(id, KeyState.Active)].Count() != 1).ToList();
        var unprepared = applications.Where(id => states[(id, KeyState.Next)].Count() != 1).ToList();
        return mute.Count > 0
            ? new CheckResult("signing keys", CheckStatus.Fail, $"no active key, so no tokens, for {Some(mute)}", KeyManagerAdvice)
            : unprepared.Count > 0
                ? new CheckResult("signing keys", CheckStatus.Warn, $"no announced next key for {Some(unprepared)}", KeyManagerAdvice)
                : new CheckResult("signing keys", CheckStatus.Ok, "one active and one next key for every application");
    }

    /// <summary>By the rules of the Key Manager, which treats a row that breaks them as one without settings of its own.</summary>
    private static CheckResult Schedules(List<KeyApplication> known, KeyOptions defaults)
    {
        var wrong = known.SelectMany(k => KeySettings.Of(k, defaults).Problems(allowUnsafeSchedule: false).Select(problem => $"{k.ClientId}: {problem}")).ToList();
        return wrong.Count > 0
            ? new CheckResult("retention", CheckStatus.Fail, Some(wrong), "Correct the key settings of the application; until then the Key Manager uses its defaults.")
            : new CheckResult("retention", CheckStatus.Ok, $"every key stays published for longer than its last token can live ({KeySettings.SafeRetentionSeconds} s)");
    }

    /// <summary>The settings of the Key Manager are not to be seen here. Their newest trace is the size of the keys that are announced.</summary>
    private static CheckResult Defaults(List<KeyApplication> known, List<SigningKey> keys, KeyOptions defaults, DateTimeOffset now)
    {
        var byDefault = known.Where(k => k.KeySize is null).Select(k => k.ClientId).ToHashSet(StringComparer.Ordinal);
        var others = keys
            .Where(k => k.KeySize != defaults.KeySize && KeyPolicy.StateOf(k, now) == KeyState.Next && byDefault.Contains(k.ClientId))
            .Select(k => $"{k.ClientId} ({k.KeySize} bits)")
            .ToList();
        var own = $"where applications have no settings of their own, this command line makes keys of {defaults.KeySize} bits, retained for {Duration.Write(defaults.RetainSeconds)}";
        const string Advice = "Give it the Keys__… settings of the Key Manager. If it has them, these keys were made before they were changed.";
        return others.Count > 0
            ? new CheckResult("key settings", CheckStatus.Warn, $"{own}; announced are others for {Some(others)}", Advice)
            : new CheckResult("key settings", CheckStatus.Ok, own);
    }

    private static string Some(List<string> names) => string.Join(", ", names.Order(StringComparer.Ordinal).Take(5)) + (names.Count > 5 ? $" and {names.Count - 5} more" : "");
}
