using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthPlatform.Data.Admin;

/// <summary>A passkey (WebAuthn credential) of an administrator, as ASP.NET Core Identity hands it over.</summary>
public sealed class AdministratorPasskey
{
    /// <summary>The credential's own id.</summary>
    public required byte[] CredentialId { get; init; }

    /// <summary>Whose it is.</summary>
    public required Guid AdministratorId { get; init; }

    /// <summary>What the person calls it.</summary>
    public required string Name { get; set; }

    /// <summary>The public key, in COSE.</summary>
    public required byte[] PublicKey { get; init; }

    /// <summary>How often it signed, as far as it counts.</summary>
    public required long SignCount { get; set; }

    /// <summary>How it can be reached, such as <c>usb</c> or <c>internal</c>.</summary>
    public required string[] Transports { get; init; }

    /// <summary>Whether it made sure who the person is (finger, face, PIN).</summary>
    public required bool IsUserVerified { get; set; }

    /// <summary>Whether it may be copied to other devices.</summary>
    public required bool IsBackupEligible { get; init; }

    /// <summary>Whether it was.</summary>
    public required bool IsBackedUp { get; set; }

    /// <summary>What the authenticator said when it was made.</summary>
    public required byte[] AttestationObject { get; init; }

    /// <summary>What the browser said when it was made.</summary>
    public required byte[] ClientDataJson { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

internal sealed class AdministratorPasskeyConfiguration : IEntityTypeConfiguration<AdministratorPasskey>
{
    public void Configure(EntityTypeBuilder<AdministratorPasskey> builder)
    {
        builder.ToTable("administrator_passkeys");
        builder.HasKey(p => p.CredentialId);
        builder.Property(p => p.CredentialId).HasMaxLength(1024).ValueGeneratedNever();
        builder.Property(p => p.Name).HasMaxLength(100);
        builder.HasOne<Administrator>().WithMany(a => a.Passkeys).HasForeignKey(p => p.AdministratorId).OnDelete(DeleteBehavior.Cascade);
    }
}
