using System.ComponentModel.DataAnnotations;

namespace AuthPlatform.MigrationWorker;

/// <summary>Settings of the audit, section <c>Audit</c>. Here and not in the Token API, which adds to the audit: whoever took it over could otherwise let all of it expire.</summary>
internal sealed class AuditOptions
{
    public const string Section = "Audit";

    /// <summary>Days for which events are kept, at least; default 180, 1–3650. They go by whole months.</summary>
    [Range(1, 3650)]
    public int RetentionDays { get; set; } = 180;
}
