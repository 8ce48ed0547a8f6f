using AuthPlatform.Data.Auth;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthPlatform.Data.Admin;

/// <summary>Says that an administrator sees to one application, whatever their roles.</summary>
public sealed class ApplicationOwner
{
    /// <summary>The application.</summary>
    public required Guid ApplicationId { get; init; }

    /// <summary>The person.</summary>
    public required Guid AdministratorId { get; init; }
}

internal sealed class ApplicationOwnerConfiguration : IEntityTypeConfiguration<ApplicationOwner>
{
    public void Configure(EntityTypeBuilder<ApplicationOwner> builder)
    {
        builder.ToTable("application_owners");
        builder.HasKey(o => new { o.ApplicationId, o.AdministratorId });
        builder.HasOne<Application>().WithMany().HasForeignKey(o => o.ApplicationId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<Administrator>().WithMany().HasForeignKey(o => o.AdministratorId).OnDelete(DeleteBehavior.Cascade);
    }
}
