using AuthPlatform.Cli.Running;
using AuthPlatform.Data.Keys;
using AuthPlatform.KeyManager.Keys;
using Microsoft.EntityFrameworkCore;

namespace AuthPlatform.Cli.Doctor;

/// <summary>Whether every application has one active and one next key, and whether keys outlive the tokens they signed.</summary>
internal static class KeysCheck
{
    private const string KeyManagerAdvice = "See that the Key Manager runs; it completes the keys within half a minute.";

    /// <summary>What a verifier may be late by: clock skew (30 s) and the age of its copy of the JWKS (300 s).</summary>
    private const int Lateness = 330;

    public static async Task<IReadOnlyList<CheckResult>> RunAsync(Invocation invocation)
    {
        var applications = await invocation.AuthDatabase.Applications.AsNoTracking().ToDictionaryAsync(a => a.ClientId, a => a.AccessLifetimeSeconds, StringComparer.Ordinal, invocation.Cancellation);
        var known = await invocation.KeysDatabase.KeyApplications.AsNoTracking().ToListAsync(invocation.Cancellation);
        var keys = await invocation.KeysDatabase.SigningKeys.AsNoTracking().Where(k => k.RevokedAt == null && k.SupersededAt == null).ToListAsync(invocation.Cancellation);
        List<string> names = [.. applications.Keys];
        return [Registered(names, known), Complete(names, keys, invocation.Now), Retention(applications, known)];
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

    private static CheckResult Retention(Dictionary<string, int> applications, List<KeyApplication> known)
    {
        var tooShort = known
            .Where(k => applications.TryGetValue(k.ClientId, out var lifetime) && k.RetainSeconds < lifetime + Lateness)
            .Select(k => $"{k.ClientId} ({k.RetainSeconds} s, needed {applications[k.ClientId]} + {Lateness} s)")
            .ToList();
        return tooShort.Count > 0
            ? new CheckResult("retention", CheckStatus.Fail, $"keys leave the JWKS before their last tokens end: {Some(tooShort)}", "Raise retain_seconds of the application, or shorten its access lifetime.")
            : new CheckResult("retention", CheckStatus.Ok, "every key stays published for longer than its last token lives");
    }

    private static string Some(List<string> names) => string.Join(", ", names.Order(StringComparer.Ordinal).Take(5)) + (names.Count > 5 ? $" and {names.Count - 5} more" : "");
}
