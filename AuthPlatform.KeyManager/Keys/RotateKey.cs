using System.Text.Json;
using AuthPlatform.Contracts;
using AuthPlatform.Data.Auth;
using AuthPlatform.Data.Keys;
using AuthPlatform.ServiceDefaults.Problems;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>
/// <c>POST /internal/applications/{client_id}/rotate</c>: the next key takes over because somebody asks for it. Once a minute and application; the repetition of a
/// request gets the answer of the first time.
/// </summary>
internal sealed class RotateKey(KeyStore store, KeyChangeEffects effects, DatabaseClock clock)
{
    /// <summary>
    /// So many retiring keys are enough: each makes every copy of the JWKS larger, for up to ten years if it was asked to be retained for so long. By the schedule there are
    /// one or two.
    /// </summary>
    private const int MostRetiring = 50;

    private static readonly TimeSpan BetweenRotations = TimeSpan.FromMinutes(1);

    private static readonly Problem OtherKeySigns =
        new(StatusCodes.Status409Conflict, ErrorCodes.InvalidRequest, OAuthErrors.InvalidRequest, "Another key signs by now than the one that was to give way");

    public async Task<Problem?> HandleAsync(HttpContext context, string clientId)
    {
        if (await KeyProblems.ReadAsync(context, KeyContractsJson.Default.KeyRotationRequest) is not { RequestId.Length: > 0 and <= 64 } request
            || request.RotateAfterMinutes is < 0 or > KeyManagerContract.LongestRotateAfterMinutes)
        {
            return KeyProblems.InvalidBody;
        }

        await using var change = ClientId.IsWellFormed(clientId) ? await store.BeginAsync(clientId, register: false, wait: true, context.RequestAborted) : null;
        if (change is null)
        {
            return CommonProblems.NotFound;
        }

        if (change.Application.RotationRequest == request.RequestId && change.Application.RotationAnswer is { } earlier)
        {
            await KeyProblems.WriteAsync(context, JsonSerializer.Deserialize(earlier, KeyContractsJson.Default.KeyRotation)!, KeyContractsJson.Default.KeyRotation);
            return null;
        }

        if (request.OnlyIfRepeated)
        {
            return KeyProblems.UnknownRequest;
        }

        // As with the schedule: whichever of the two is wrong, what would be written down now would stay wrong. Another replica, on a machine whose clock is right, may do it.
        if (!clock.Agrees)
        {
            return CommonProblems.TemporarilyUnavailable;
        }

        // Whoever asked has looked at that key, at what hangs on it, and at no other.
        if (request.ActiveKid is { } shown && change.Find(KeyState.Active)?.Kid != shown)
        {
            return OtherKeySigns;
        }

        if (SecondsToWait(change) is { } seconds)
        {
            return KeyProblems.TooManyRotations("The keys of an application can be rotated once a minute", seconds);
        }

        var isAtOnce = request.RotateAfterMinutes == 0;
        if (!isAtOnce && SecondsUntilOneLeaves(change) is { } secondsToLeave)
        {
            return KeyProblems.TooManyRotations(
                $"{MostRetiring} old keys of this application are still in its JWKS: it can be rotated again when one of them leaves, or at any time with rotate_after 0", secondsToLeave);
        }

        var (answer, plan) = await ApplyAsync(change, request, context.RequestAborted);
        // A key that ends at once is refused by its name, as a revoked one is: whoever cannot read the keys again still has it in the copy from before.
        await effects.CommitAsync(change, plan, KeyChangeCause.Request, isAtOnce ? answer.OldKid : null, context.RequestAborted);
        await KeyProblems.WriteAsync(context, answer, KeyContractsJson.Default.KeyRotation);
        return null;
    }

    /// <summary>How long the next rotation has to wait; null when it may be now. One that is to come was written down by a clock that was ahead, and is nobody's reason to wait for it.</summary>
    public static int? SecondsToWait(KeyChange change) =>
        change.Application.RotatedAt + BetweenRotations - change.Now is { Ticks: > 0 } wait && wait <= BetweenRotations ? (int)Math.Ceiling(wait.TotalSeconds) : null;

    /// <summary>How long as many keys are retiring as there may be; null when there is room for another one.</summary>
    public static int? SecondsUntilOneLeaves(KeyChange change)
    {
        var retiring = change.Keys.Where(k => KeyPolicy.StateOf(k, change.Now) == KeyState.Retiring);
        // With this one all that leave before it are gone, and one less than the most are left.
        var wait = retiring.Select(k => k.ExpiresAt!.Value - change.Now).OrderDescending().ElementAtOrDefault(MostRetiring - 1);
        return wait > TimeSpan.Zero ? (int)Math.Ceiling(wait.TotalSeconds) : null;
    }

    /// <summary>Rotates within a change, which is still to be committed.</summary>
    public static async Task<(KeyRotation Answer, KeyPlan Done)> ApplyAsync(KeyChange change, KeyRotationRequest request, CancellationToken cancellationToken)
    {
        // What the schedule has not got round to yet, on an application that is minutes old for instance.
        if (change.Find(KeyState.Active) is null || change.Find(KeyState.Next) is null)
        {
            await change.ApplyAsync(change.Plan(), cancellationToken);
        }

        var (active, next) = (change.Find(KeyState.Active)!, change.Find(KeyState.Next)!);
        var (retain, warnings) = Retention(request.RotateAfterMinutes, active, change.Settings);
        var knownToAllAt = KeyPolicy.KnownToAllAt(next, change.Keys, change.Settings);
        var isNow = request.RotateAfterMinutes == 0 || knownToAllAt <= change.Now;
        if (knownToAllAt > change.Now)
        {
            warnings.Add(isNow
                ? $"{next.Kid} was announced at {UtcText.Seconds(next.AnnouncedAt)} only: a verifier that cached the JWKS before that does not know it until {UtcText.Seconds(knownToAllAt)}"
                : $"{next.Kid} was announced at {UtcText.Seconds(next.AnnouncedAt)} only: it takes over at {UtcText.Seconds(knownToAllAt)}, when no verifier caches an older JWKS any more");
        }

        var effectiveAt = isNow ? change.Now : knownToAllAt;
        var plan = new KeyPlan(active, change.Now + retain, next, CreateActive: false, CreateNext: true);
        await (isNow ? change.ApplyAsync(plan, cancellationToken) : change.RememberAsync(new PendingRotation(effectiveAt, retain), cancellationToken));
        var answer = new KeyRotation
        {
            Message = isNow
                ? "The key was rotated"
                : "The key will be rotated",
            RotateAfterMinutes = (int)Math.Ceiling(retain.TotalMinutes),
            OldKid = active.Kid,
            NewKid = next.Kid,
            NextKid = isNow ? change.Find(KeyState.Next)!.Kid : null,
            EffectiveAt = effectiveAt,
            OldKeyExpiresAt = effectiveAt + retain,
            Warnings = warnings,
        };
        var json = JsonSerializer.Serialize(answer, KeyContractsJson.Default.KeyRotation);
        await change.RememberAsync(request.RequestId, json, cancellationToken);
        return (answer, isNow ? plan : change.Plan());
    }

    private static (TimeSpan Retain, List<string> Warnings) Retention(int? minutes, SigningKey active, KeySettings settings)
    {
        if (minutes is null)
        {
            return (settings.Retain, []);
        }

        if (minutes == 0)
        {
            return (TimeSpan.Zero, [$"Everything that {active.Kid} signed is refused from now on"]);
        }

        var asked = TimeSpan.FromMinutes(minutes.Value);
        return asked >= KeySettings.SafeRetention
            ? (asked, [])
            : (KeySettings.SafeRetention,
                [
                    $"rotate_after was raised from {minutes} to {KeySettings.SafeRetentionSeconds / 60} minutes: tokens that {active.Kid} has just signed can be valid for so long "
                    + $"({TokenLimits.LongestAccessSeconds} s of lifetime, {TokenLimits.LargestSkewSeconds} s of clock skew, {KeySettings.LongestMaxAgeSeconds} s of caching)",
                ]);
    }
}
