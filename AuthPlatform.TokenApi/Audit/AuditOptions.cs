using System.ComponentModel.DataAnnotations;

namespace AuthPlatform.TokenApi.Audit;

/// <summary>Settings of the audit; section <c>Audit</c>.</summary>
internal sealed class AuditOptions
{
    public const string Section = "Audit";

    /// <summary>Days for which events are kept, at least; default 180, 1–3650. They go by whole months.</summary>
    [Range(1, 3650)]
    public int RetentionDays { get; set; } = 180;
}
