using System.ComponentModel.DataAnnotations;

namespace AuthPlatform.MigrationWorker;

/// <summary>How the databases are migrated, section <c>Migrations</c>.</summary>
internal sealed class MigrationOptions
{
    public const string Section = "Migrations";

    /// <summary>Seconds to wait for a database server that does not answer yet, 0–3600, default 120.</summary>
    [Range(0, 3600)]
    public int DatabaseWaitSeconds { get; set; } = 120;
}
