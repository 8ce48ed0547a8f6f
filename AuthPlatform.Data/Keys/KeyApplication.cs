using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthPlatform.Data.Keys;

/// <summary>An application as the Key Manager sees it: that it exists, how its keys are made and rotated, and what was last asked for.</summary>
/// <remarks>
/// Which settings make sense together is decided by the Key Manager, with the numbers in its answer; a row that does not make sense is treated as one without
/// settings of its own.
/// </remarks>
public sealed class KeyApplication
{
    /// <summary>The application's public name; the only thing both databases share.</summary>
    public required string ClientId { get; init; }

    /// <summary>Size of new RSA keys in bits: 2048, 3072 or 4096; null for the Key Manager's default.</summary>
    public int? KeySize { get; set; }

    /// <summary>Seconds a key signs before the next takes over, more than <see cref="AnnounceSeconds"/>; null for the Key Manager's default.</summary>
    public int? RotateEverySeconds { get; set; }

    /// <summary>Seconds a key is published at least before the schedule lets it sign, at least 24 hours; null for the Key Manager's default.</summary>
    public int? AnnounceSeconds { get; set; }

    /// <summary>Seconds a key stays published after it signed last, so that no token outlives it; null for the Key Manager's default.</summary>
    public int? RetainSeconds { get; set; }

    /// <summary>When a rotation was last asked for; one a minute is carried out.</summary>
    public DateTimeOffset? RotatedAt { get; set; }

    /// <summary>What names that request, 64 hex characters: a repetition gets <see cref="RotationAnswer"/> again instead of a second rotation.</summary>
    public string? RotationRequest { get; set; }

    /// <summary>The answer to that request, JSON.</summary>
    public string? RotationAnswer { get; set; }

    /// <summary>When the next key takes over because that was asked for, should it have been published too briefly then; null when nothing is pending.</summary>
    public DateTimeOffset? RotationDueAt { get; set; }

    /// <summary>Seconds the old key stays published after <see cref="RotationDueAt"/>.</summary>
    public int? RotationRetainSeconds { get; set; }

    /// <summary>When it was made known to the Key Manager.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>PostgreSQL's <c>xmin</c>: two administrators who edit at once do not overwrite each other.</summary>
    public uint Version { get; private set; }
}

internal sealed class KeyApplicationConfiguration : IEntityTypeConfiguration<KeyApplication>
{
    public void Configure(EntityTypeBuilder<KeyApplication> builder)
    {
        builder.ToTable("key_applications", table =>
        {
            table.HasCheckConstraint("ck_key_applications_client_id", "client_id ~ '^[A-Za-z0-9_-]{1,64}$'");
            table.HasCheckConstraint("ck_key_applications_key_size", "key_size IN (2048, 3072, 4096)");
            table.HasCheckConstraint("ck_key_applications_schedule", "rotate_every_seconds > 0 AND announce_seconds > 0 AND retain_seconds > 0");
            table.HasCheckConstraint("ck_key_applications_rotation", "(rotation_due_at IS NULL) = (rotation_retain_seconds IS NULL)");
        });
        builder.HasKey(a => a.ClientId);
        builder.Property(a => a.ClientId).HasMaxLength(64);
        builder.Property(a => a.RotationRequest).HasMaxLength(64);
        builder.Property(a => a.RotationAnswer).HasMaxLength(4000);
        builder.Property(a => a.Version).IsRowVersion();
    }
}
