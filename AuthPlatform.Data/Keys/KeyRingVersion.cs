using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthPlatform.Data.Keys;

/// <summary>The one row that grows with every change of keys, in the same transaction: reading it tells cheaply whether anything has to be read again.</summary>
public sealed class KeyRingVersion
{
    /// <summary>Always 1.</summary>
    public short Id { get; init; } = 1;

    /// <summary>How many changes there have been.</summary>
    public long Version { get; init; }
}

internal sealed class KeyRingVersionConfiguration : IEntityTypeConfiguration<KeyRingVersion>
{
    public void Configure(EntityTypeBuilder<KeyRingVersion> builder)
    {
        builder.ToTable("key_ring_versions", table => table.HasCheckConstraint("ck_key_ring_versions_id", "id = 1"));
        builder.Property(v => v.Id).ValueGeneratedNever();
        builder.HasData(new KeyRingVersion());
    }
}
