using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace AuthPlatform.KeyManager.Keys;

/// <summary>How keys live unless an application has settings of its own, and how this process keeps up with the database; section <c>Keys</c>.</summary>
internal sealed class KeyOptions
{
    public const string Section = "Keys";

    /// <summary>Seconds a key signs before the next takes over; default 90 days, more than <see cref="AnnounceSeconds"/>.</summary>
    public int RotateEverySeconds { get; set; } = 90 * 86_400;

    /// <summary>Seconds a key is published at least before the schedule lets it sign; default 14 days, at least 24 hours.</summary>
    public int AnnounceSeconds { get; set; } = 14 * 86_400;

    /// <summary>Seconds a key stays published after it signed last; default 14 days, at least <see cref="KeySettings.SafeRetentionSeconds"/>.</summary>
    public int RetainSeconds { get; set; } = 14 * 86_400;

    /// <summary>Bits of new keys: 2048 (default), 3072 or 4096.</summary>
    public int KeySize { get; set; } = 2048;

    /// <summary>
    /// Takes schedules of seconds, default false: keys may be announced and retained for 1 s. Verifiers that cache then fail as they would with any issuer that
    /// does not announce. Only in the environment Development, for tests.
    /// </summary>
    public bool AllowUnsafeSchedule { get; set; }

    /// <summary>How many keys of the default size are kept ready, 0–16, default 2: making one takes a tenth of a second or, with bad luck, many.</summary>
    [Range(0, 16)]
    public int ReadyKeys { get; set; } = 2;

    /// <summary>
    /// Seconds between two full looks at the database, 1–300, default 15. Changes are seen sooner, within half a second; this is for those that were made by
    /// hand. Each wait is up to a fifth longer, so that replicas do not look all at once.
    /// </summary>
    [Range(1, 300)]
    public int RefreshSeconds { get; set; } = 15;

    /// <summary>The settings of an application that has none of its own.</summary>
    public KeySettings Defaults => new(KeySize, TimeSpan.FromSeconds(RotateEverySeconds), TimeSpan.FromSeconds(AnnounceSeconds), TimeSpan.FromSeconds(RetainSeconds));
}

/// <summary>Refuses, naming all that is wrong, schedules by which a verifier would meet an unknown key or a token outlive its key.</summary>
internal sealed class ValidateKeyOptions(IHostEnvironment environment) : IValidateOptions<KeyOptions>
{
    public ValidateOptionsResult Validate(string? name, KeyOptions options)
    {
        var failures = options.Defaults.Problems(options.AllowUnsafeSchedule).Select(problem => $"{KeyOptions.Section}: {problem}").ToList();
        if (options.AllowUnsafeSchedule && !environment.IsDevelopment())
        {
            failures.Add($"Keys:AllowUnsafeSchedule is for tests, in the environment Development only; this is {environment.EnvironmentName}.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}

/// <summary>Refuses values out of range.</summary>
[OptionsValidator]
internal sealed partial class ValidateKeyRanges : IValidateOptions<KeyOptions>;
