using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthPlatform.Data.Admin;

/// <summary>One browser in which an administrator is signed in. The cookie names the row; without the row it is worth nothing.</summary>
public sealed class AdministratorSession
{
    /// <summary>Row id, a UUIDv7; a new one at each sign-in.</summary>
    public required Guid Id { get; init; }

    /// <summary>Who is signed in.</summary>
    public required Guid AdministratorId { get; init; }

    /// <summary>How, one of <see cref="SignInMethods"/>.</summary>
    public required string Method { get; set; }

    /// <summary>When they signed in. A new proof of who they are begins a new row, and keeps this.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last used, to the minute.</summary>
    public required DateTimeOffset LastSeenAt { get; set; }

    /// <summary>When the person last proved who they are; acts that cannot be undone ask for a recent proof.</summary>
    public required DateTimeOffset VerifiedAt { get; set; }

    /// <summary>From where it was begun.</summary>
    public required string Address { get; init; }

    /// <summary>The browser as it describes itself, shortened.</summary>
    public required string UserAgent { get; init; }
}

/// <summary>The values of <see cref="AdministratorSession.Method"/>.</summary>
public static class SignInMethods
{
    /// <summary>A password alone, by somebody who has no second factor yet; good for setting one up and for nothing else.</summary>
    public const string Password = "password";

    /// <summary>A password and a code of the authenticator app.</summary>
    public const string Totp = "totp";

    /// <summary>A password and a recovery code.</summary>
    public const string RecoveryCode = "recovery_code";

    /// <summary>A passkey.</summary>
    public const string Passkey = "passkey";
}

internal sealed class AdministratorSessionConfiguration : IEntityTypeConfiguration<AdministratorSession>
{
    public void Configure(EntityTypeBuilder<AdministratorSession> builder)
    {
        builder.ToTable("administrator_sessions");
        builder.Property(s => s.Id).ValueGeneratedNever();
        builder.Property(s => s.Method).HasMaxLength(16);
        builder.Property(s => s.Address).HasMaxLength(45);
        builder.Property(s => s.UserAgent).HasMaxLength(256);
        builder.HasIndex(s => s.LastSeenAt);
        builder.HasOne<Administrator>().WithMany().HasForeignKey(s => s.AdministratorId).OnDelete(DeleteBehavior.Cascade);
    }
}
