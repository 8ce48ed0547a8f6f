using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace AuthPlatform.TokenApi.Cleanup;

/// <summary>Settings of the clean-up; section <c>Cleanup</c>.</summary>
internal sealed class CleanupOptions
{
    public const string Section = "Cleanup";

    /// <summary>Seconds between two rounds, give or take a tenth; default 60, 1–600. The alert that nobody cleans up comes a quarter of an hour after the last one: no period may raise it.</summary>
    [Range(1, 600)]
    public int PeriodSeconds { get; set; } = 60;

    /// <summary>Rows that one statement deletes at most; default 1000, 1–1000. Smaller ones hold locks for a shorter time.</summary>
    [Range(1, 1000)]
    public int BatchSize { get; set; } = 1000;

    /// <summary>Milliseconds between two statements, in which the database has time for others; default 50, 0–1000.</summary>
    [Range(0, 1000)]
    public int PauseMilliseconds { get; set; } = 50;
}

/// <summary>Refuses values out of range.</summary>
[OptionsValidator]
internal sealed partial class ValidateCleanupOptions : IValidateOptions<CleanupOptions>;
