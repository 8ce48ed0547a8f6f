using AuthPlatform.Data.Encryption;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthPlatform.Data.Admin;

/// <summary>
/// A person who signs in to the administrators' pages. These tables are part of <c>authdb</c> and its context because owners point at applications, and because
/// an act and its record belong into one transaction.
/// </summary>
public sealed class Administrator
{
    /// <summary>Bytes of the secret that is shared with an authenticator app: 160 bits, as RFC 4226 §4 recommends.</summary>
    public const int TotpSecretLength = 20;

    /// <summary>Row id, a UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>The name to sign in with, often an e-mail address; 3–100 characters.</summary>
    public required string UserName { get; set; }

    /// <summary>The same in capitals, by which it is unique.</summary>
    public string NormalizedUserName { get; set; } = "";

    /// <summary>PBKDF2 of the password as ASP.NET Core Identity writes it; null until the invitation was accepted.</summary>
    public string? PasswordHash { get; set; }

    /// <summary>Changes with everything that must end what was begun before: password, second factor, roles.</summary>
    public string SecurityStamp { get; set; } = "";

    /// <summary>Some of <see cref="AdministratorRoles.All"/>. Without any, a person sees the applications they own and no others.</summary>
    public string[] Roles { get; set; } = [];

    /// <summary>Envelope around the <see cref="TotpSecretLength"/> bytes shared with the person's authenticator app; null without one. See <see cref="TotpSecretField"/>.</summary>
    public byte[]? TotpSecretEncrypted { get; set; }

    /// <summary>Id of the encryption key that <see cref="TotpSecretEncrypted"/> was made with.</summary>
    public string? TotpSecretEncryptionKey { get; set; }

    /// <summary>The newest time step whose code was used: no code is good twice (RFC 6238 §5.2).</summary>
    public long TotpLastStep { get; set; }

    /// <summary>SHA-256 of the recovery codes that are left, in hex.</summary>
    public string[] RecoveryCodeHashes { get; set; } = [];

    /// <summary>When somebody let them in; null while they wait for that.</summary>
    public DateTimeOffset? ApprovedAt { get; set; }

    /// <summary>When somebody shut them out; null while they are not.</summary>
    public DateTimeOffset? SuspendedAt { get; set; }

    /// <summary>When the row was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When they last signed in.</summary>
    public DateTimeOffset? LastSignInAt { get; set; }

    /// <summary>PostgreSQL's <c>xmin</c>.</summary>
    public uint Version { get; private set; }

    /// <summary>Their passkeys.</summary>
    public ICollection<AdministratorPasskey> Passkeys { get; } = [];

    /// <summary>Where <see cref="TotpSecretEncrypted"/> of this row stands, as its encryption is bound to it.</summary>
    public static EncryptedField TotpSecretField(Guid id) => new("administrators", id, "totp_secret_encrypted");
}

/// <summary>The values of <see cref="Administrator.Roles"/>.</summary>
public static class AdministratorRoles
{
    /// <summary>May do everything.</summary>
    public const string Administrator = "administrator";

    /// <summary>Sees to all applications, their secrets, keys and sessions.</summary>
    public const string ApplicationManager = "application_manager";

    /// <summary>Invites people and gives them roles other than <see cref="Administrator"/>.</summary>
    public const string UserManager = "user_manager";

    /// <summary>Sees everything and changes nothing.</summary>
    public const string Auditor = "auditor";

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<string> All = [Administrator, ApplicationManager, UserManager, Auditor];
}

internal sealed class AdministratorConfiguration : IEntityTypeConfiguration<Administrator>
{
    public void Configure(EntityTypeBuilder<Administrator> builder)
    {
        builder.ToTable("administrators", table =>
            table.HasCheckConstraint("ck_administrators_roles", "roles <@ ARRAY['administrator', 'application_manager', 'user_manager', 'auditor']"));
        builder.Property(a => a.Id).ValueGeneratedNever();
        builder.Property(a => a.UserName).HasMaxLength(100);
        builder.Property(a => a.NormalizedUserName).HasMaxLength(100);
        builder.HasIndex(a => a.NormalizedUserName).IsUnique();
        builder.Property(a => a.PasswordHash).HasMaxLength(256);
        builder.Property(a => a.SecurityStamp).HasMaxLength(64);
        builder.Property(a => a.Roles).HasColumnType("text[]");
        builder.Property(a => a.TotpSecretEncryptionKey).HasMaxLength(16);
        builder.Property(a => a.Version).IsRowVersion();
    }
}
