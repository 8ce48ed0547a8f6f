using AuthPlatform.Contracts;
using Microsoft.Extensions.Localization;

namespace AuthPlatform.AdminWeb.Applications;

/// <summary>What the Key Manager answers, in the language of the page.</summary>
internal static class KeyManagerAnswers
{
    /// <summary>Why it did not do something; in its own words where they are not known here.</summary>
    public static string Of(Problem problem, IStringLocalizer<Texts> texts) => problem switch
    {
        { Status: StatusCodes.Status409Conflict } => texts["Another key signs by now, so nothing was done. Below is what there is now."].Value,
        { Code: ErrorCodes.InvalidRequest } =>
            texts["The Key Manager does not take that. Each time has its limits below its field, and a key must sign for longer than it is announced before."].Value,
        { Code: ErrorCodes.NotFound } => texts["The Key Manager has no keys of this application yet. Load the page again in a moment."].Value,
        { Code: ErrorCodes.TooManyRotations, RetryAfterSeconds: > 60 } =>
            texts["Too many old keys of this application are still published. Rotate when one of them leaves, or withdraw the old key at once."].Value,
        { Code: ErrorCodes.TooManyRotations } => texts["The keys of an application can be rotated once a minute. Wait a moment, then try again."].Value,
        { Code: ErrorCodes.TemporarilyUnavailable } => texts["The Key Manager does not answer. Try again in a moment."].Value,
        _ => problem.Detail,
    };

    /// <summary>What a rotation did.</summary>
    /// <param name="rotation">Its answer.</param>
    /// <param name="isWithdrawn">Whether the old key was not to stay published.</param>
    /// <param name="texts">The language.</param>
    public static string Of(KeyRotation rotation, bool isWithdrawn, IStringLocalizer<Texts> texts) => rotation switch
    {
        { NextKid: null } => texts["The next key takes over when every verifier knows it: see below when."].Value,
        // The first says what is withdrawn.
        { Warnings.Count: > 1 } when isWithdrawn =>
            texts["The next key takes over, and everything that the old one signed is refused. It was announced a short while ago only: some verifiers do not know it yet."].Value,
        _ when isWithdrawn => texts["The next key takes over, and everything that the old one signed is refused."].Value,
        _ => texts["The next key takes over."].Value,
    };
}
