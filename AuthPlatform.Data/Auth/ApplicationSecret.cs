using System.Security.Cryptography;
using System.Text;
using AuthPlatform.Data.Encryption;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace AuthPlatform.Data.Auth;

/// <summary>A secret an application signs its requests with. It keys an HMAC, so it is encrypted, not hashed.</summary>
public sealed class ApplicationSecret
{
    /// <summary>Row id, a UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>The application it belongs to.</summary>
    public required Guid ApplicationId { get; init; }

    /// <summary>1 or 2, unique within the application: the database itself holds that no more than two are ever live.</summary>
    public required short Slot { get; init; }

    /// <summary>Envelope around the UTF-8 bytes of the secret; see <see cref="SecretField"/>.</summary>
    public required byte[] SecretEncrypted { get; set; }

    /// <summary>Id of the encryption key that <see cref="SecretEncrypted"/> was made with.</summary>
    public required string EncryptionKey { get; set; }

    /// <summary>When it was added.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When a request signed with it was last accepted; null when never. Coarse: written at most once in a while.</summary>
    public DateTimeOffset? LastUsedAt { get; set; }

    /// <summary>The address that the request of <see cref="LastUsedAt"/> came from.</summary>
    public string? LastUsedFrom { get; set; }

    /// <summary>From when on it is refused; null means it stays.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>Where <see cref="SecretEncrypted"/> of this row stands, as its encryption is bound to it.</summary>
    public static EncryptedField SecretField(Guid id) => new("application_secrets", id, "secret_encrypted");

    /// <summary>Whether requests signed with it are accepted at this time.</summary>
    public bool IsLive(DateTimeOffset now) => ExpiresAt is null || ExpiresAt > now;

    /// <summary>Whether it is this text; how long that takes tells nothing of where the two differ.</summary>
    public bool Holds(EnvelopeCipher cipher, string text)
    {
        var stored = cipher.Decrypt(SecretField(Id), SecretEncrypted);
        var same = CryptographicOperations.FixedTimeEquals(stored, Encoding.UTF8.GetBytes(text));
        CryptographicOperations.ZeroMemory(stored);
        return same;
    }
}

internal sealed class ApplicationSecretConfiguration : IEntityTypeConfiguration<ApplicationSecret>
{
    public void Configure(EntityTypeBuilder<ApplicationSecret> builder)
    {
        builder.ToTable("application_secrets", table => table.HasCheckConstraint("ck_application_secrets_slot", "slot IN (1, 2)"));
        builder.Property(s => s.Id).ValueGeneratedNever();
        builder.Property(s => s.EncryptionKey).HasMaxLength(16);
        builder.Property(s => s.LastUsedFrom).HasMaxLength(45);
        // Also the index that finds the secrets of an application.
        builder.HasIndex(s => new { s.ApplicationId, s.Slot }).IsUnique();
        builder.HasOne<Application>().WithMany(a => a.Secrets).HasForeignKey(s => s.ApplicationId).OnDelete(DeleteBehavior.Cascade);
    }
}
