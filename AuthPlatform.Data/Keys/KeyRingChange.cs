using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthPlatform.Data.Keys;

/// <summary>
/// Whose keys a change was about, written in its transaction: who knows the version before reads the keys of this application again and of no other. The newest thousand are
/// kept. Who changes keys without saying whose makes <see cref="KeyRingVersion"/> grow alone, and all are read.
/// </summary>
public sealed class KeyRingChange
{
    /// <summary>The <see cref="KeyRingVersion.Version"/> that the change led to.</summary>
    public required long Version { get; init; }

    /// <summary>The application, which may be gone.</summary>
    public required string ClientId { get; init; }
}

internal sealed class KeyRingChangeConfiguration : IEntityTypeConfiguration<KeyRingChange>
{
    public void Configure(EntityTypeBuilder<KeyRingChange> builder)
    {
        builder.ToTable("key_ring_changes");
        builder.HasKey(c => c.Version);
        builder.Property(c => c.Version).ValueGeneratedNever();
        builder.Property(c => c.ClientId).HasMaxLength(64);
    }
}
