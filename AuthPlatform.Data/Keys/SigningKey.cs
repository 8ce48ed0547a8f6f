using AuthPlatform.Data.Encryption;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthPlatform.Data.Keys;

/// <summary>
/// An RSA key pair of one application. Its state is computed from the timestamps: announced → next; activated → active; superseded → retiring until
/// <see cref="ExpiresAt"/>, retired after it; revoked at any time. The database holds that an application has at most one next and one active key.
/// </summary>
public sealed class SigningKey
{
    /// <summary>The only algorithm there is.</summary>
    public const string Rs256 = "RS256";

    /// <summary>Row id, a UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>The key's public name, <c>yyyyMMdd-{uuid}</c>.</summary>
    public required string Kid { get; init; }

    /// <summary>Whose key it is.</summary>
    public required string ClientId { get; init; }

    /// <summary>Always <see cref="Rs256"/>; a column so that rows stay readable should there ever be another.</summary>
    public string Algorithm { get; init; } = Rs256;

    /// <summary>Size of the modulus in bits.</summary>
    public required int KeySize { get; init; }

    /// <summary>The public part as SubjectPublicKeyInfo (DER).</summary>
    public required byte[] PublicKey { get; init; }

    /// <summary>Envelope around the private part as PKCS#8 (DER); see <see cref="PrivateKeyField"/>. Null, for ever, once the key signs no more.</summary>
    public byte[]? PrivateKeyEncrypted { get; set; }

    /// <summary>Id of the encryption key that <see cref="PrivateKeyEncrypted"/> was made with; null with it.</summary>
    public string? EncryptionKey { get; set; }

    /// <summary>When the pair was generated.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was first published; <see cref="KeyApplication.AnnounceSeconds"/> count from here.</summary>
    public required DateTimeOffset AnnouncedAt { get; init; }

    /// <summary>When it began to sign; null for a next key.</summary>
    public DateTimeOffset? ActivatedAt { get; set; }

    /// <summary>When its successor took over and its private part was destroyed; null before.</summary>
    public DateTimeOffset? SupersededAt { get; set; }

    /// <summary>When it leaves the JWKS; set when it is superseded. Not later than that: it left at once, and what it signed is refused.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>When it was revoked: not published any more, and everything it signed is refused.</summary>
    public DateTimeOffset? RevokedAt { get; set; }

    /// <summary>Where <see cref="PrivateKeyEncrypted"/> of this row stands, as its encryption is bound to it.</summary>
    public static EncryptedField PrivateKeyField(Guid id) => new("signing_keys", id, "private_key_encrypted");
}

internal sealed class SigningKeyConfiguration : IEntityTypeConfiguration<SigningKey>
{
    public void Configure(EntityTypeBuilder<SigningKey> builder)
    {
        builder.ToTable("signing_keys", table =>
        {
            table.HasCheckConstraint("ck_signing_keys_algorithm", "algorithm = 'RS256'");
            table.HasCheckConstraint("ck_signing_keys_key_size", "key_size IN (2048, 3072, 4096)");
            table.HasCheckConstraint("ck_signing_keys_life", "superseded_at IS NULL OR (activated_at IS NOT NULL AND expires_at IS NOT NULL)");
            table.HasCheckConstraint("ck_signing_keys_private_key", "(private_key_encrypted IS NOT NULL) = (superseded_at IS NULL AND revoked_at IS NULL)");
            table.HasCheckConstraint("ck_signing_keys_encryption_key", "(private_key_encrypted IS NULL) = (encryption_key IS NULL)");
        });
        builder.Property(k => k.Id).ValueGeneratedNever();
        builder.Property(k => k.Kid).HasMaxLength(64);
        builder.HasIndex(k => k.Kid).IsUnique();
        builder.Property(k => k.ClientId).HasMaxLength(64);
        builder.Property(k => k.Algorithm).HasMaxLength(8).HasDefault(SigningKey.Rs256);
        builder.Property(k => k.EncryptionKey).HasMaxLength(16);

        // Two Key Managers that both believe to be the leader cannot both succeed.
        builder.HasIndex(k => k.ClientId, "ux_signing_keys_next").IsUnique()
            .HasFilter("activated_at IS NULL AND revoked_at IS NULL");
        builder.HasIndex(k => k.ClientId, "ux_signing_keys_active").IsUnique()
            .HasFilter("activated_at IS NOT NULL AND superseded_at IS NULL AND revoked_at IS NULL");

        builder.HasIndex(k => k.ClientId, "ix_signing_keys_client_id");
        builder.HasOne<KeyApplication>().WithMany().HasForeignKey(k => k.ClientId).OnDelete(DeleteBehavior.Cascade);
    }
}
