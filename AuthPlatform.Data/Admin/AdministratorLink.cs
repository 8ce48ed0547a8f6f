using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthPlatform.Data.Admin;

/// <summary>A link by which one person sets up their sign-in, once. Using it deletes the row.</summary>
public sealed class AdministratorLink
{
    /// <summary>SHA-256 of the token in the link.</summary>
    public required byte[] TokenHash { get; init; }

    /// <summary>Whose sign-in it sets up; null for the first administrator, whom it makes.</summary>
    public Guid? AdministratorId { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Until when it works.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}

internal sealed class AdministratorLinkConfiguration : IEntityTypeConfiguration<AdministratorLink>
{
    public void Configure(EntityTypeBuilder<AdministratorLink> builder)
    {
        builder.ToTable("administrator_links", table => table.HasCheckConstraint("ck_administrator_links_token_hash", "octet_length(token_hash) = 32"));
        builder.HasKey(l => l.TokenHash);
        builder.Property(l => l.TokenHash).ValueGeneratedNever();
        builder.HasOne<Administrator>().WithMany().HasForeignKey(l => l.AdministratorId).OnDelete(DeleteBehavior.Cascade);
    }
}
