using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthPlatform.Data.Auth;

/// <summary>A task that one replica at a time does, and until when it may believe that it is the one.</summary>
public sealed class Lease
{
    /// <summary>The task.</summary>
    public required string Name { get; init; }

    /// <summary>The replica, a number it drew at its start.</summary>
    public required Guid Holder { get; init; }

    /// <summary>By the clock of the database.</summary>
    public required DateTimeOffset Until { get; init; }
}

internal sealed class LeaseConfiguration : IEntityTypeConfiguration<Lease>
{
    public void Configure(EntityTypeBuilder<Lease> builder)
    {
        builder.ToTable("leases");
        builder.HasKey(l => l.Name);
        builder.Property(l => l.Name).HasMaxLength(32);
    }
}
