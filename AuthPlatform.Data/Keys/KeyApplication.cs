using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthPlatform.Data.Keys;

/// <summary>An application as the Key Manager sees it: that it exists, and how its keys are made and rotated.</summary>
public sealed class KeyApplication
{
    /// <summary>The application's public name; the only thing both databases share.</summary>
    public required string ClientId { get; init; }

    /// <summary>Size of new RSA keys in bits: 2048 (default), 3072 or 4096.</summary>
    public int KeySize { get; set; } = 2048;

    /// <summary>Seconds a key signs before the next takes over; default 90 days, more than <see cref="AnnounceSeconds"/>.</summary>
    public int RotateEverySeconds { get; set; } = 90 * 86_400;

    /// <summary>Seconds a key is published before it signs, so that every cache knows it by then; default 14 days, at least 24 hours.</summary>
    public int AnnounceSeconds { get; set; } = 14 * 86_400;

    /// <summary>
    /// Seconds a key stays published after it signed last; default 14 days. At least 3930: the longest access token (3600), the clock skew (30) and the
    /// age a cached JWKS may have (300), or tokens would outlive the key that verifies them.
    /// </summary>
    public int RetainSeconds { get; set; } = 14 * 86_400;

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
            table.HasCheckConstraint("ck_key_applications_announce_seconds", "announce_seconds >= 86400 AND announce_seconds < rotate_every_seconds");
            table.HasCheckConstraint("ck_key_applications_retain_seconds", "retain_seconds >= 3930");
        });
        builder.HasKey(a => a.ClientId);
        builder.Property(a => a.ClientId).HasMaxLength(64);
        builder.Property(a => a.KeySize).HasDefault(2048);
        builder.Property(a => a.RotateEverySeconds).HasDefault(90 * 86_400);
        builder.Property(a => a.AnnounceSeconds).HasDefault(14 * 86_400);
        builder.Property(a => a.RetainSeconds).HasDefault(14 * 86_400);
        builder.Property(a => a.Version).IsRowVersion();
    }
}
